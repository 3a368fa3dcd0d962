use jiff::Timestamp;

use crate::decode::Record;

/// One use of a principal: which person or workload, with which credentials, from where.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Session<'a> {
    /// The name of the session or of the user. A role session's name is chosen by the caller.
    pub name: Option<&'a str>,
    /// Set once when a role is assumed and kept along a chain of roles.
    pub source_identity: Option<&'a str>,
    /// The key the request was signed with.
    pub access_key: Option<&'a str>,
    /// Whether the credentials were got with MFA; `None` where the record does not say. `false` is no
    /// proof: an identity provider's MFA does not show.
    pub mfa: Option<bool>,
    /// When the session began.
    pub created: Option<Timestamp>,
    /// The service that made the call on the caller's behalf.
    pub invoked_by: Option<&'a str>,
    /// Where the request came from: an address, or the host name of a service.
    pub address: Option<&'a str>,
    /// The VPC endpoint it went through.
    pub vpc_endpoint: Option<&'a str>,
    /// Whether it is a session that `sts:AssumeRoot` gave.
    pub assumed_root: bool,
}

impl<'a> Session<'a> {
    pub(super) fn read(record: &Record<'a>) -> Self {
        let identity = &record.user_identity;
        let after_colon = |id: &'a str| id.split_once(':').map(|(_, name)| name);
        Self {
            name: identity.principal_id.and_then(after_colon).or(identity.user_name),
            source_identity: identity.source_identity,
            access_key: identity.access_key_id.filter(|key| !key.is_empty()),
            mfa: identity.mfa_authenticated,
            created: identity.creation_date.and_then(|text| text.parse().ok()),
            invoked_by: identity.invoked_by,
            address: record.source_ip_address,
            vpc_endpoint: record.vpc_endpoint_id,
            assumed_root: identity.assumed_root == Some(true),
        }
    }
}
