//! Who makes calls: the kinds of identity CloudTrail knows, the people and programs of an account, and
//! the sessions they work in. The same session comes back in every file of its hour.

use super::dice::{mix, skewed};
use super::text;

/// What a principal is there for, which decides the calls it makes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Persona {
    Workload,
    Pipeline,
    Person,
    Auditor,
    /// A service-linked role.
    Linked,
    /// An AWS service itself.
    Service,
    /// Somebody from another account.
    Foreign,
    /// Somebody about to become a role through OIDC or SAML.
    Federated,
    Root,
}

impl Persona {
    pub const ALL: [Self; 9] = [
        Self::Workload,
        Self::Pipeline,
        Self::Person,
        Self::Auditor,
        Self::Linked,
        Self::Service,
        Self::Foreign,
        Self::Federated,
        Self::Root,
    ];

    /// Whether policies of the account could have denied it a call.
    pub fn deniable(self) -> bool {
        !matches!(self, Self::Linked | Self::Service | Self::Foreign | Self::Root)
    }
}

/// How `userIdentity` is written. The order is that of `IDENTITIES` and `ARNS`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    User,
    MfaUser,
    Role,
    InstanceRole,
    FunctionRole,
    Service,
    Foreign,
    WebIdentity,
    Saml,
    Root,
}

pub const IDENTITIES: [&str; 10] = [
    r#"{"type":"IAMUser","principalId":"<me:id>","arn":"arn:aws:iam::<account>:user<me:path><me:name>","accountId":"<account>","accessKeyId":"<me:key>","userName":"<me:name>"<invoked-by>}"#,
    r#"{"type":"IAMUser","principalId":"<me:id>","arn":"arn:aws:iam::<account>:user<me:path><me:name>","accountId":"<account>","accessKeyId":"<me:key>","userName":"<me:name>","sessionContext":{"sessionIssuer":{},"webIdFederationData":{},"attributes":{"creationDate":"<me:created>","mfaAuthenticated":"true"}}<invoked-by>}"#,
    r#"{"type":"AssumedRole","principalId":"<me:id>:<me:session>","arn":"arn:aws:sts::<account>:assumed-role/<me:name>/<me:session>","accountId":"<account>","accessKeyId":"<me:key>","sessionContext":{"sessionIssuer":{"type":"Role","principalId":"<me:id>","arn":"arn:aws:iam::<account>:role<me:path><me:name>","accountId":"<account>","userName":"<me:name>"},"attributes":{"creationDate":"<me:created>","mfaAuthenticated":"false"}}<invoked-by>}"#,
    r#"{"type":"AssumedRole","principalId":"<me:id>:<me:session>","arn":"arn:aws:sts::<account>:assumed-role/<me:name>/<me:session>","accountId":"<account>","accessKeyId":"<me:key>","sessionContext":{"sessionIssuer":{"type":"Role","principalId":"<me:id>","arn":"arn:aws:iam::<account>:role<me:path><me:name>","accountId":"<account>","userName":"<me:name>"},"webIdFederationData":{},"attributes":{"creationDate":"<me:created>","mfaAuthenticated":"false"},"ec2RoleDelivery":"2.0"}<invoked-by>}"#,
    r#"{"type":"AssumedRole","principalId":"<me:id>:<me:session>","arn":"arn:aws:sts::<account>:assumed-role/<me:name>/<me:session>","accountId":"<account>","accessKeyId":"<me:key>","sessionContext":{"sessionIssuer":{"type":"Role","principalId":"<me:id>","arn":"arn:aws:iam::<account>:role<me:path><me:name>","accountId":"<account>","userName":"<me:name>"},"attributes":{"creationDate":"<me:created>","mfaAuthenticated":"false"}},"inScopeOf":{"issuerType":"AWS::Lambda::Function","credentialsIssuedTo":"arn:aws:lambda:<region>:<account>:function:<me:session>"}<invoked-by>}"#,
    r#"{"type":"AWSService","invokedBy":"<via>"}"#,
    r#"{"type":"AWSAccount","principalId":"<me:id>:<me:session>","accountId":"<other-account>"}"#,
    r#"{"type":"WebIdentityUser","principalId":"arn:aws:iam::<account>:oidc-provider/token.actions.githubusercontent.com:sts.amazonaws.com:<me:name>","userName":"<me:name>","identityProvider":"arn:aws:iam::<account>:oidc-provider/token.actions.githubusercontent.com"}"#,
    r#"{"type":"SAMLUser","principalId":"q2FmcGxlTmFtZVF1YWxpZmllcg=:<me:name>","userName":"<me:name>","identityProvider":"q2FmcGxlTmFtZVF1YWxpZmllcg="}"#,
    r#"{"type":"Root","principalId":"<account>","arn":"arn:aws:iam::<account>:root","accountId":"<account>","accessKeyId":"<me:key>","sessionContext":{"attributes":{"creationDate":"<me:created>","mfaAuthenticated":"true"}}<invoked-by>}"#,
];

/// How a message names the caller.
pub const ARNS: [&str; 10] = [
    "arn:aws:iam::<account>:user<me:path><me:name>",
    "arn:aws:iam::<account>:user<me:path><me:name>",
    "arn:aws:sts::<account>:assumed-role/<me:name>/<me:session>",
    "arn:aws:sts::<account>:assumed-role/<me:name>/<me:session>",
    "arn:aws:sts::<account>:assumed-role/<me:name>/<me:session>",
    "",
    "",
    "<me:name>",
    "<me:name>",
    "arn:aws:iam::<account>:root",
];

pub const ROLE_ARN: &str = "arn:aws:iam::<account>:role<role:path><role:name>";

impl Kind {
    pub fn id_prefix(self) -> &'static str {
        match self {
            Self::User | Self::MfaUser => "AIDA",
            _ => "AROA",
        }
    }

    pub fn key_prefix(self) -> &'static str {
        if self == Self::User { "AKIA" } else { "ASIA" }
    }
}

/// How the sessions of a role are called.
#[derive(Clone, Copy)]
pub enum Naming {
    /// EC2: the instance.
    Instance,
    /// ECS: the task.
    Task,
    /// Lambda: the function, for which the role is named.
    Function,
    /// Identity Center and SAML: the person.
    Person,
    /// Something the caller wrote.
    Fixed(&'static str),
    /// What an SDK makes up: a word and the time.
    Stamped(&'static str),
}

const PEOPLE: [&str; 14] = [
    "alice@example.com",
    "bob@example.com",
    "carol@example.com",
    "dave@example.com",
    "erin@example.com",
    "zoë@example.com",
    "frank",
    "grace@example.com",
    "søren@example.com",
    "heidi@example.com",
    "ivan+ops@example.com",
    "jörg \\\"ops\\\"",
    "当番",
    "on-call-🔥",
];

pub struct Principal {
    pub kind: Kind,
    pub persona: Persona,
    pub name: String,
    pub path: &'static str,
    /// The service of a service-linked role.
    pub host: &'static str,
    pub naming: Naming,
    /// What its ids, keys and habits are drawn by.
    pub salt: u64,
    /// The calls it makes, each as often as it makes it: first all, then those of a regional endpoint.
    pub habits: [Vec<u16>; 2],
}

/// One use of a role or of a user's temporary credentials.
pub struct Session {
    number: u64,
    /// Unix seconds.
    pub start: i64,
    pub key: u64,
}

const HOUR: i64 = 3600;
/// How many sessions a principal has open at a time.
const OPEN_SESSIONS: u64 = 14;

impl Session {
    pub fn of(who: &Principal, time: i64, choice: u64) -> Self {
        if who.kind == Kind::User {
            return Self { number: 0, start: time, key: who.salt };
        }
        let number = skewed(choice, OPEN_SESSIONS);
        let own = mix(who.salt, number);
        // Sessions begin at any minute, but each at its own.
        let offset = (own % HOUR.unsigned_abs()) as i64;
        let start = (time - offset).div_euclid(HOUR) * HOUR + offset;
        Self { number, start, key: mix(own, start.unsigned_abs()) }
    }

    pub fn name(&self, who: &Principal, out: &mut Vec<u8>) {
        let own = mix(who.salt, self.number);
        match who.naming {
            Naming::Instance => {
                out.extend_from_slice(b"i-0");
                text::hex(own, 16, out);
            }
            Naming::Task => text::hex(own, 32, out),
            Naming::Function => {
                let name = who.name.strip_suffix("-role").unwrap_or(&who.name);
                out.extend_from_slice(name.as_bytes());
            }
            Naming::Person => {
                let person = self.number as usize % PEOPLE.len();
                out.extend_from_slice(PEOPLE[person].as_bytes());
            }
            Naming::Fixed(name) => out.extend_from_slice(name.as_bytes()),
            Naming::Stamped(word) => {
                out.extend_from_slice(word.as_bytes());
                text::number(self.start.unsigned_abs(), out);
            }
        }
    }
}
