//! What records say: mandatory fields, denials of every layer, every kind of identity.

use std::collections::BTreeSet;

use serde_json::Value;

use super::super::calls;
use super::super::plan::{Plan, Preset};
use super::super::principal::Persona;
use super::{inflate, records, sample, small};

/// The codes among ours that AWS uses for a call that was not allowed.
fn is_denied(record: &Value) -> bool {
    let code = record["errorCode"].as_str().unwrap_or_default();
    ["AccessDenied", "Unauthorized", "AuthorizationError"].iter().any(|word| code.contains(word))
}

#[test]
fn every_record_has_what_cloudtrail_always_writes() {
    let (folder, totals) = sample("fields", &small());
    let records = records(&folder);
    assert_eq!(records.len() as u64, totals.records);
    for record in &records {
        for key in [
            "eventVersion",
            "eventTime",
            "eventSource",
            "eventName",
            "awsRegion",
            "sourceIPAddress",
            "userAgent",
            "eventID",
            "eventType",
            "recipientAccountId",
            "eventCategory",
        ] {
            assert!(record[key].is_string(), "{key} in {record}");
        }
        assert!(record["userIdentity"]["type"].is_string(), "{record}");
        assert!(record["readOnly"].is_boolean() && record["managementEvent"].is_boolean());
        assert!(record.get("requestParameters").is_some());
        assert!(record.get("responseElements").is_some());
    }
    let mean = totals.inflated / totals.records;
    assert!((1000..3000).contains(&mean), "{mean} bytes a record");
}

#[test]
fn a_record_lies_where_its_account_region_and_time_say() {
    let (folder, _) = sample("keys", &small());
    for (path, bytes) in folder.files() {
        let path = path.to_str().unwrap();
        let parts: Vec<_> = path.split(['/', '\\']).collect();
        let [_, _, account, _, region, year, month, day, name] = parts[..] else { panic!("{path}") };
        let stamp = name.split('_').nth(3).unwrap();
        assert!(stamp.starts_with(&format!("{year}{month}{day}T")), "{path}");
        let file: Value = serde_json::from_str(&inflate(&bytes)).unwrap();
        for record in file["Records"].as_array().unwrap() {
            assert_eq!(record["recipientAccountId"], account);
            assert_eq!(record["awsRegion"], region);
            let time: String = record["eventTime"].as_str().unwrap().replace(['-', ':'], "");
            assert!(time[..13] <= stamp[..13], "{time} in {path}");
        }
    }
}

#[test]
fn between_three_and_five_percent_are_denied_whatever_the_seed() {
    for seed in 0..4 {
        let (folder, totals) = sample(&format!("denied-{seed}"), &Plan::new(Preset::Small, seed, 0.02));
        let denied = records(&folder).iter().filter(|record| is_denied(record)).count() as u64;
        assert_eq!(denied, totals.denied);
        let share = denied * 1000 / totals.records;
        assert!((30..=50).contains(&share), "{share} of a thousand with seed {seed}");
    }
}

#[test]
fn every_layer_denies_and_most_calls_only_read() {
    let records = records(&sample("layers", &Plan::new(Preset::Small, 7, 0.05)).0);
    let messages: Vec<_> = records.iter().filter_map(|record| record["errorMessage"].as_str()).collect();
    for part in [
        "because no identity-based policy allows",
        "explicit deny in an identity-based policy",
        "service control policy: arn:aws:organizations::999988887777:policy/o-exampleorg/",
        "resource control policy",
        "no permissions boundary allows",
        "session policy",
        "VPC endpoint policy",
        "resource-based policy",
        "Encoded authorization failure message: ",
        "iam:PassRole on resource",
        "DryRun flag is set",
        "Rate exceeded",
    ] {
        assert!(messages.iter().any(|message| message.contains(part)), "nothing says `{part}`");
    }
    assert!(messages.contains(&"Access Denied"));
    assert!(messages.iter().all(|message| message.len() <= 1024));
    assert!(records.iter().any(|record| is_denied(record) && record.get("errorMessage").is_none()));
    let reads = records.iter().filter(|record| record["readOnly"] == true).count();
    assert!(reads * 2 > records.len(), "{reads} of {}", records.len());
}

#[test]
fn every_kind_of_identity_calls() {
    let records = records(&sample("identities", &Plan::new(Preset::Small, 7, 0.05)).0);
    let types: BTreeSet<_> = records.iter().filter_map(|record| record["userIdentity"]["type"].as_str()).collect();
    let expected = ["AWSAccount", "AWSService", "AssumedRole", "IAMUser", "Root", "SAMLUser", "WebIdentityUser"];
    assert_eq!(types, BTreeSet::from(expected));
    let keys = records.iter().filter_map(|record| record["userIdentity"]["accessKeyId"].as_str());
    let keys: BTreeSet<_> = keys.collect();
    assert!(keys.iter().all(|key| key.len() == 20 && key.ends_with("EXAMPLE")));
    // A chain can be followed: what was handed out is used.
    let handed = |record: &Value| {
        let key = record.pointer("/responseElements/credentials/accessKeyId")?;
        Some(keys.contains(key.as_str()?))
    };
    let handed: Vec<_> = records.iter().filter_map(handed).collect();
    assert!(handed.contains(&true));
}

#[test]
fn a_service_that_calls_for_itself_is_named() {
    for casting in calls::all().unwrap() {
        let call = casting.call;
        assert!(!call.made_by(Persona::Service) || !call.via.is_empty(), "{}", call.name);
    }
}
