use super::permission_set::leaves_out;
use super::{Body, Elevation, Target, Template, quoted};
use crate::iam;
use crate::recommend::ConditionKind;

/// A policy that is passed when a session of a role begins. It only takes away: the session may do what both the role
/// and the policy allow. After the STS API reference's page of `AssumeRole`.
pub(super) struct SessionPolicy;

/// Seconds that a session lasts at least.
const SHORTEST: i64 = 900;
/// Seconds that a session of a session lasts at most, and that roles allow unless they are told otherwise.
const HOUR: i64 = 3_600;

impl Target for SessionPolicy {
    fn name(&self) -> &'static str {
        "session-policy"
    }

    fn about(&self) -> &'static str {
        "a session policy and the line for `aws sts assume-role`"
    }

    fn ending(&self) -> &'static str {
        ".session.json"
    }

    fn leaves_out(&self, kind: iam::PrincipalKind) -> &'static [ConditionKind] {
        leaves_out(kind)
    }

    fn write(&self, grant: &Elevation<'_>, stem: &str) -> Result<Template, String> {
        let document = grant.document(leaves_out(grant.principal.kind));
        let (size, limit) = (document.size(), iam::Target::Session.limit());
        if size > limit {
            return Err(format!(
                "a session policy may have {limit} characters and this has {size}; ask for less with --need, or use another target"
            ));
        }
        let seconds = grant.window.length().as_secs();
        let lasts = seconds.max(SHORTEST);
        let mut notes = vec![
            "a session policy only takes away: assume a role that allows this by itself, not the one that was denied"
                .to_owned(),
        ];
        if lasts > seconds {
            notes.push(format!(
                "a session lasts {SHORTEST} seconds at least; the policy in it ends after {seconds} all the same"
            ));
        }
        if lasts > HOUR {
            notes.push(format!(
                "the role's MaxSessionDuration has to be {lasts} seconds or more; it is one hour unless somebody set it"
            ));
            notes.push(format!(
                "whoever is in a session of a role already (role chaining) gets one hour at most: put {HOUR} there"
            ));
        }
        let who = session_name(grant);
        if who.is_none() {
            notes.push(
                "put the name of the person for the session name: an audit tells by it whose session it is".to_owned(),
            );
        }
        let mut line = format!(
            "aws sts assume-role --role-arn '<arn-of-a-role-that-allows-this>' --role-session-name {} --duration-seconds {lasts} --policy file://{}",
            quoted(who.as_deref().unwrap_or("<person>")),
            quoted(&format!("{stem}{}", self.ending()))
        );
        if let Some(ticket) = &grant.ticket {
            line.push_str(&format!(" --tags {}", quoted(&format!("Key=ticket,Value={ticket}"))));
            notes.push("the tag needs a trust policy that allows sts:TagSession".to_owned());
        }
        let body = serde_json::to_value(&document).map_err(|error| error.to_string())?;
        Ok(Template { body: Body::Compact(body), notes, commands: vec![line] })
    }
}

/// The person as a session can be called: 2 to 64 of some characters.
fn session_name(grant: &Elevation<'_>) -> Option<String> {
    let is_taken = |c: char| c.is_ascii_alphanumeric() || "_+=,.@-".contains(c);
    let name = grant.person()?;
    ((2..=64).contains(&name.len()) && name.chars().all(is_taken)).then(|| name.to_owned())
}
