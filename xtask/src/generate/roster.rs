//! Who there is in every account: one entry for each sort of principal, with the share of all calls it
//! makes. Within an entry early names are busier.

use super::principal::{Kind, Naming, Persona};

pub struct Entry {
    pub persona: Persona,
    pub kind: Kind,
    pub path: &'static str,
    pub naming: Naming,
    /// Calls per thousand.
    pub share: u64,
    pub names: &'static [&'static str],
}

const fn entry(
    persona: Persona,
    kind: Kind,
    path: &'static str,
    naming: Naming,
    share: u64,
    names: &'static [&'static str],
) -> Entry {
    Entry { persona, kind, path, naming, share, names }
}

/// Roles of Identity Center get the suffix that makes their names unique.
pub const SSO_PATH: &str = "/aws-reserved/sso.amazonaws.com/eu-west-1/";
pub const LINKED_PATH: &str = "/aws-service-role/";

pub const ROSTER: &[Entry] = &[
    entry(
        Persona::Workload,
        Kind::InstanceRole,
        "/",
        Naming::Instance,
        160,
        &["web-prod", "search-indexer", "batch-worker", "legacy-erp", "jenkins-node"],
    ),
    entry(
        Persona::Workload,
        Kind::Role,
        "/teams/checkout/",
        Naming::Task,
        140,
        &["checkout-api", "checkout-worker", "payments-gateway", "fraud-scorer"],
    ),
    entry(
        Persona::Workload,
        Kind::FunctionRole,
        "/service-role/",
        Naming::Function,
        150,
        &[
            "orders-stream-consumer-role",
            "thumbnailer-role",
            "webhook-receiver-role",
            "nightly-report-role",
            "authorizer-role",
            "slack-relay-role",
        ],
    ),
    entry(
        Persona::Workload,
        Kind::Role,
        "/data/",
        Naming::Stamped("botocore-session-"),
        80,
        &["spark-etl", "feature-store", "ml-training", "athena-reports"],
    ),
    entry(Persona::Workload, Kind::User, "/", Naming::Fixed(""), 30, &["backup-bot", "metrics-exporter", "smtp-relay"]),
    entry(
        Persona::Pipeline,
        Kind::Role,
        "/ci/",
        Naming::Fixed("GitHubActions"),
        70,
        &["github-actions-deploy", "github-actions-plan", "release-publisher"],
    ),
    entry(
        Persona::Pipeline,
        Kind::Role,
        "/",
        Naming::Stamped("aws-go-sdk-"),
        60,
        &["terraform-apply", "cdk-hnb659fds-deploy-role", "OrganizationAccountAccessRole"],
    ),
    entry(Persona::Pipeline, Kind::User, "/ci/", Naming::Fixed(""), 20, &["ci-deploy"]),
    entry(
        Persona::Person,
        Kind::Role,
        SSO_PATH,
        Naming::Person,
        100,
        &[
            "AWSReservedSSO_DeveloperAccess",
            "AWSReservedSSO_ReadOnlyAccess",
            "AWSReservedSSO_AdministratorAccess",
            "AWSReservedSSO_DataScientist",
            "AWSReservedSSO_Billing",
        ],
    ),
    entry(Persona::Person, Kind::User, "/people/", Naming::Fixed(""), 12, &["alice", "bob", "müller", "carol"]),
    entry(Persona::Person, Kind::MfaUser, "/people/", Naming::Fixed(""), 12, &["alice", "dave"]),
    entry(
        Persona::Auditor,
        Kind::Role,
        "/security/",
        Naming::Stamped("posture-scan-"),
        50,
        &["SecurityAudit", "cost-explorer-reader"],
    ),
    entry(
        Persona::Auditor,
        Kind::Role,
        "/",
        Naming::Fixed("monitoring-integration"),
        30,
        &["MonitoringIntegrationRole"],
    ),
    entry(
        Persona::Linked,
        Kind::Role,
        "/aws-service-role/autoscaling.amazonaws.com/",
        Naming::Fixed("AutoScaling"),
        20,
        &["AWSServiceRoleForAutoScaling"],
    ),
    entry(
        Persona::Linked,
        Kind::Role,
        "/aws-service-role/ecs.amazonaws.com/",
        Naming::Fixed("ecs-service-scheduler"),
        15,
        &["AWSServiceRoleForECS"],
    ),
    entry(
        Persona::Linked,
        Kind::Role,
        "/aws-service-role/config.amazonaws.com/",
        Naming::Fixed("AWSConfig-Describe"),
        15,
        &["AWSServiceRoleForConfig"],
    ),
    entry(Persona::Service, Kind::Service, "", Naming::Fixed(""), 80, &["service"]),
    entry(Persona::Foreign, Kind::Foreign, "", Naming::Stamped("partner-sync-"), 25, &["partner-a", "partner-b"]),
    entry(
        Persona::Federated,
        Kind::WebIdentity,
        "",
        Naming::Fixed(""),
        8,
        &["repo:example-org/orders:ref:refs/heads/main", "repo:example-org/checkout:environment:production"],
    ),
    entry(Persona::Federated, Kind::Saml, "", Naming::Fixed(""), 4, &["bob@example.com", "zoë@example.com"]),
    entry(Persona::Root, Kind::Root, "", Naming::Fixed(""), 1, &["root"]),
];
