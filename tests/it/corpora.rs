//! Real logs, where they are at hand. The numbers were counted by other means than this crate.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use trailwright::aggregate::Coverage;

use crate::support::{corpus, files_below, findings, scan_paths};

/// Scans a corpus; `None`, loudly, when it is not at hand.
fn check(name: &str) -> Option<Coverage> {
    let coverage = scan_paths(&[corpus(name)?]).coverage;
    assert!(coverage.records.seen > 0, "{name} is empty");
    Some(coverage)
}

#[test]
fn invictus_is_read_whole() {
    let Some(coverage) = check("invictus") else { return };
    let files = coverage.files;
    assert_eq!((files.found, files.read, files.excluded), (56, 55, 1));
    let records = coverage.records;
    assert_eq!((records.seen, records.events, coverage.outcomes.1), (2900, 2900, 60));
}

#[test]
fn stratus_is_read_whole() {
    let Some(coverage) = check("stratus") else { return };
    assert_eq!((coverage.files.read, coverage.files.partial, coverage.files.skipped), (35, 0, 0));
    let records = coverage.records;
    assert_eq!((records.seen, coverage.outcomes.1), (310, 51));
}

#[test]
fn otrf_is_read_whole() {
    let Some(coverage) = check("otrf") else { return };
    assert_eq!((coverage.records.events, coverage.outcomes.1), (103, 0));
}

#[test]
fn odd_records_are_seen_and_refused() {
    let Some(coverage) = check("aws-ctpl") else { return };
    // Its records are made of placeholders: `eventSource1` is no service, so none is an event.
    let records = coverage.records;
    assert_eq!((records.seen - records.rejected, coverage.files.partial, coverage.files.skipped), (0, 1, 0));
    assert!(records.seen >= 41, "{records:?}");
}

#[test]
fn excerpts_of_all_kinds_are_read() {
    let Some(coverage) = check("small") else { return };
    assert!(coverage.records.events > 0, "{coverage:?}");
    assert_eq!((coverage.files.partial, coverage.files.skipped), (0, 0), "{:?}", coverage.skips);
}

/// The techniques of MITRE ATT&CK v16 that an attack of Stratus Red Team is, by what it does. One of them, or a part
/// of one, has to be told.
const ATTACKS: &[(&str, &[&str])] = &[
    ("aws.credential-access.ec2-get-password-data", &["T1555", "T1552"]),
    ("aws.credential-access.ec2-steal-instance-credentials", &["T1552.005"]),
    ("aws.credential-access.secretsmanager-batch-retrieve-secrets", &["T1555.006"]),
    ("aws.credential-access.secretsmanager-retrieve-secrets", &["T1555.006"]),
    ("aws.credential-access.ssm-retrieve-securestring-parameters", &["T1555.006"]),
    ("aws.defense-evasion.cloudtrail-delete", &["T1562.008"]),
    ("aws.defense-evasion.cloudtrail-event-selectors", &["T1562.008"]),
    ("aws.defense-evasion.cloudtrail-stop", &["T1562.008"]),
    ("aws.defense-evasion.dns-delete-logs", &["T1562.008"]),
    ("aws.defense-evasion.organizations-leave", &["T1666"]),
    ("aws.defense-evasion.vpc-remove-flow-logs", &["T1562.008"]),
    ("aws.discovery.ec2-download-user-data", &["T1552", "T1580"]),
    ("aws.execution.ec2-launch-unusual-instances", &["T1578.002", "T1496.001"]),
    ("aws.execution.ec2-user-data", &["T1578.005", "T1059"]),
    ("aws.execution.ssm-send-command", &["T1651"]),
    ("aws.execution.ssm-start-session", &["T1021.008", "T1651"]),
    ("aws.exfiltration.ec2-security-group-open-port-22-ingress", &["T1562.007"]),
    ("aws.exfiltration.ec2-share-ami", &["T1537"]),
    ("aws.exfiltration.ec2-share-ebs-snapshot", &["T1537"]),
    ("aws.exfiltration.rds-share-snapshot", &["T1537"]),
    ("aws.impact.bedrock-invoke-model", &["T1496.004"]),
    ("aws.initial-access.console-login-without-mfa", &["T1078.004"]),
    ("aws.lateral-movement.ec2-instance-connect", &["T1021.008", "T1021.004"]),
    ("aws.lateral-movement.ec2-serial-console-send-ssh-public-key", &["T1021.008"]),
    ("aws.persistence.iam-backdoor-role", &["T1484.002", "T1098"]),
    ("aws.persistence.iam-backdoor-user", &["T1098.001"]),
    ("aws.persistence.iam-create-admin-user", &["T1136.003"]),
    ("aws.persistence.iam-create-backdoor-role", &["T1484.002", "T1098"]),
    ("aws.persistence.iam-create-user-login-profile", &["T1098.001"]),
    ("aws.persistence.lambda-backdoor-function", &["T1133", "T1546"]),
    ("aws.persistence.lambda-layer-extension", &["T1648", "T1546"]),
    ("aws.persistence.lambda-overwrite-code", &["T1648", "T1546"]),
    ("aws.persistence.rolesanywhere-create-trust-anchor", &["T1098.001", "T1484.002"]),
    ("aws.persistence.sts-federation-token", &["T1550.001"]),
    ("aws.privilege-escalation.iam-update-user-login-profile", &["T1098"]),
];

/// What is told instead, and why.
const OTHERWISE: &[(&str, &str, &str)] = &[(
    "aws.credential-access.ec2-steal-instance-credentials",
    "T1651",
    "credentials are read on the instance, which no log shows: the command that read them is told",
)];

#[test]
fn every_attack_of_stratus_alone_is_told_by_a_technique_that_it_is() {
    let Some(folder) = corpus("stratus") else { return };
    let files = files_below(&folder).into_iter().filter(|file| file.extension().is_some_and(|e| e == "json"));
    let name = |file: &PathBuf| file.file_stem().unwrap().to_str().unwrap().to_owned();
    let files: BTreeMap<String, PathBuf> = files.map(|file| (name(&file), file)).collect();
    assert!(files.keys().map(String::as_str).eq(ATTACKS.iter().map(|(name, _)| *name)), "{:?}", files.keys());
    let mut missing = Vec::new();
    for (name, techniques) in ATTACKS {
        let told: BTreeSet<String> =
            findings(&scan_paths(&[&files[*name]])).into_iter().flat_map(|row| row.attack).collect();
        let is_one = |told: &String| {
            techniques
                .iter()
                .any(|wanted| told.strip_prefix(wanted).is_some_and(|r| r.is_empty() || r.starts_with('.')))
        };
        let instead = OTHERWISE.iter().find(|(of, ..)| of == name).map(|(_, technique, _)| *technique);
        let is_told = match instead {
            // Once it is told as it is, the exception has to go.
            Some(technique) => told.contains(technique) && !told.iter().any(is_one),
            None => told.iter().any(is_one),
        };
        if !is_told {
            missing.push(format!("{name}: {techniques:?}, told are {told:?}"));
        }
    }
    assert!(missing.is_empty(), "{missing:#?}");
}

/// What the day of attacks is told as, worked out by this crate and read by people.
const CRITICAL_OF_INVICTUS: &str = "attach-admin-policy changed-role-then-assumed changed-user-then-credentials copied-then-shared \
    delete-trail tampering-then-activity";
const HIGH_OF_INVICTUS: &str = "add-roles-anywhere-profile add-roles-anywhere-trust console-login-without-mfa \
    create-access-key-for-other create-console-password delete-security-log-group destroy-secret \
    expire-objects-soon leave-organization many-secrets-read mass-destruction narrow-event-selectors \
    new-password-used open-admin-port-to-internet open-bucket-to-other-account open-function-to-others \
    send-command-with-access-key share-database-snapshot share-image share-volume-snapshot \
    trust-other-account";
const COUNTS_OF_INVICTUS: [(&str, usize); 5] =
    [("critical", 13), ("high", 39), ("info", 32), ("low", 81), ("medium", 51)];
/// Told of each thing by itself, more than fifteen times.
const LOUD_OF_INVICTUS: [(&str, usize); 4] =
    [("destroy-secret", 17), ("read-instance-password", 29), ("read-instance-user-data", 17), ("read-secret", 20)];

#[test]
fn a_day_of_attacks_is_told_gravest_first() {
    let Some(folder) = corpus("invictus") else { return };
    let rows = findings(&scan_paths(&[folder]));
    let mut grave: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for row in &rows {
        *counts.entry(row.severity).or_default() += 1;
        let kinds = grave.entry(row.severity).or_default();
        if !kinds.contains(&row.detection) {
            kinds.push(row.detection.clone());
        }
    }
    let mut kinds = |severity: &str| {
        let mut kinds = grave.remove(severity).unwrap();
        kinds.sort();
        kinds.join(" ")
    };
    assert_eq!(kinds("critical"), CRITICAL_OF_INVICTUS);
    assert_eq!(kinds("high"), HIGH_OF_INVICTUS);
    assert_eq!(counts, BTreeMap::from(COUNTS_OF_INVICTUS));
    // Nothing is told of so many things that a reader gives up.
    let mut loud: BTreeMap<&str, usize> = BTreeMap::new();
    rows.iter().for_each(|row| *loud.entry(&row.detection).or_default() += 1);
    loud.retain(|_, count| *count > 15);
    assert_eq!(loud, BTreeMap::from(LOUD_OF_INVICTUS));
}
