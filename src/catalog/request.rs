//! What depends on a call's request: actions it needs only for what it asks for, roles it passes, and
//! where the parts of an ARN stand. Facts from the tables; whoever has a record looks into it.

use std::fmt;

use super::packed::{INDEX, Table, rows};
use super::{ActionFacts, action, service};
use crate::iam::service_label;

/// An action that a call needs when its request says so.
#[derive(Clone, Copy)]
pub struct Conditional {
    /// What the request has to say.
    pub when: When,
    /// The action.
    pub action: &'static ActionFacts,
    /// The action that is then not needed, as with versions in S3.
    pub instead_of: Option<&'static ActionFacts>,
}

/// What a request, or the record around it, has to say. Paths and values are compared without case; a path
/// is members joined by dots, `[]` any element of a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum When {
    /// The member is there, neither null nor empty.
    Has(&'static str),
    /// The member is this text; numbers and booleans count as text.
    Is(&'static str, &'static str),
    /// The member begins with this word.
    Starts(&'static str, &'static str),
    /// The member has this text in it.
    Contains(&'static str, &'static str),
    /// The member of `additionalEventData` is this text.
    Additional(&'static str, &'static str),
}

/// A member of a request that hands a role to a service, or an instance profile with a role in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PassedRole {
    /// Where it is.
    pub path: &'static str,
    /// The value of `iam:PassedToService`, where known.
    pub service: Option<&'static str>,
    /// Whether only the member's name tells, and no documentation does.
    pub by_name_only: bool,
}

/// Where a part of an ARN stands in a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Parameter {
    /// The variable of the ARN pattern; `None` for the whole ARN.
    pub variable: Option<&'static str>,
    /// Where it is; `None` where no member has it, not even one of its own name.
    pub place: Option<Place>,
    /// What to do with the value.
    pub form: Form,
}

/// A member of a record. Paths as in [`When`]; a last step `*` is the names of the members themselves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// In `requestParameters`.
    Request(&'static str),
    /// In `responseElements`, for what only the answer knows.
    Response(&'static str),
}

/// What to do with a value before it stands in an ARN. One that is an ARN already is taken whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// Nothing.
    AsIs,
    /// What follows the first slash: `alias/a/b` is `a/b`.
    AfterSlash,
    /// The family of an ECS task definition `family:revision`.
    Family,
    /// Its revision.
    Revision,
    /// The name in a Lambda function's name, partial ARN or ARN, with or without a qualifier.
    Function,
    /// What follows the last slash or colon, as in the URL of a queue.
    Last,
    /// The name in the ARN of a log group, with or without what follows it.
    LogGroup,
    /// Without a leading slash.
    NoSlash,
    /// With the six characters that Secrets Manager appends, as `-??????`.
    Suffix,
}

/// The actions a call needs only when its request says so, by the prefix of what it always needs.
pub fn conditional_actions(prefix: &str, event: &str) -> impl Iterator<Item = Conditional> {
    let group = INDEX.group(prefix);
    let tables = [Table::ConditionalActions, Table::TagActions];
    tables.into_iter().flat_map(move |table| conditions(group.table(table), event))
}

/// The actions of services that share an event source and a name of an event with the one that goes first,
/// each with what the record says where it is meant.
pub fn told_apart(source: &str, event: &str) -> impl Iterator<Item = Conditional> {
    let label = service_label(source).unwrap_or_default().to_ascii_lowercase();
    conditions(INDEX.group(&label).table(Table::SharedSources), event)
}

fn conditions(table: &'static str, event: &str) -> impl Iterator<Item = Conditional> {
    let rows = rows(table).filter(move |[name, ..]: &[_; 4]| name.eq_ignore_ascii_case(event));
    rows.filter_map(|[_, when, how, needed]| {
        let instead_of = match how.strip_prefix("replace:") {
            Some(replaced) => Some(named(replaced)?),
            None => None,
        };
        Some(Conditional { when: When::parse(when)?, action: named(needed)?, instead_of })
    })
}

/// The members of a call's request that pass a role.
pub fn passed_roles(prefix: &str, event: &str) -> impl Iterator<Item = PassedRole> {
    rows(INDEX.group(prefix).table(Table::PassRole))
        .filter(move |[name, ..]: &[_; 4]| name.eq_ignore_ascii_case(event))
        .map(|[_, path, service, known_from]| PassedRole {
            path,
            service: (!service.is_empty()).then_some(service),
            by_name_only: known_from == "name",
        })
}

/// Where the parts of an ARN of this type stand in a call, what is told of this very event first. A
/// variable without a row stands under its own name in the request, if anywhere.
pub fn parameters(prefix: &str, event: &str, resource_type: &str) -> Vec<Parameter> {
    let of_type = service(prefix).map(|service| service.parameters_of(resource_type)).unwrap_or_default();
    let own = of_type.iter().filter(|(name, _)| !name.is_empty() && name.eq_ignore_ascii_case(event));
    let general = of_type.iter().filter(|(name, _)| name.is_empty());
    own.chain(general).map(|(_, parameter)| *parameter).collect()
}

/// The paths an API Gateway call may be about, with request members in braces. Two APIs share names;
/// of `/restapis/{restApiId}` and `/v2/apis/{apiId}` the one whose members the request has is meant.
pub fn api_paths(event: &str) -> impl Iterator<Item = &'static str> {
    rows(INDEX.group("apigateway").table(Table::Verbs))
        .filter(move |[name, ..]: &[_; 3]| name.eq_ignore_ascii_case(event))
        .map(|[_, _, path]| path)
}

fn named(text: &str) -> Option<&'static ActionFacts> {
    let (prefix, name) = text.split_once(':')?;
    action(prefix, name)
}

impl fmt::Display for When {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Has(path) => write!(f, "{path} is there"),
            Self::Is(path, value) => write!(f, "{path} is {value}"),
            Self::Starts(path, word) => write!(f, "{path} begins with {word}"),
            Self::Contains(path, text) => write!(f, "{path} has {text} in it"),
            Self::Additional(path, value) => write!(f, "additionalEventData.{path} is {value}"),
        }
    }
}

impl When {
    /// The member that it speaks of.
    pub fn path(self) -> &'static str {
        match self {
            Self::Has(path)
            | Self::Is(path, _)
            | Self::Starts(path, _)
            | Self::Contains(path, _)
            | Self::Additional(path, _) => path,
        }
    }

    /// Whether it speaks of the request, and not of what CloudTrail adds to the record.
    pub fn is_of_request(self) -> bool {
        !matches!(self, Self::Additional(..))
    }

    fn parse(text: &'static str) -> Option<Self> {
        let (word, rest) = text.split_once(':')?;
        let pair = || rest.split_once('=');
        Some(match word {
            "has" => Self::Has(rest),
            "is" => pair().map(|(path, value)| Self::Is(path, value))?,
            "starts" => pair().map(|(path, value)| Self::Starts(path, value))?,
            "contains" => pair().map(|(path, value)| Self::Contains(path, value))?,
            "additional" => pair().map(|(path, value)| Self::Additional(path, value))?,
            _ => return None,
        })
    }
}

impl Parameter {
    pub(super) fn parse(variable: &'static str, place: &'static str, form: &str) -> Option<Self> {
        let place = match place.split_once(':') {
            Some(("request", path)) => Some(Place::Request(path)),
            Some(("response", path)) => Some(Place::Response(path)),
            None if place == "-" => None,
            _ => return None,
        };
        let form = match form {
            "" => Form::AsIs,
            "after-slash" => Form::AfterSlash,
            "family" => Form::Family,
            "revision" => Form::Revision,
            "function" => Form::Function,
            "last" => Form::Last,
            "log-group" => Form::LogGroup,
            "no-slash" => Form::NoSlash,
            "suffix" => Form::Suffix,
            _ => return None,
        };
        Some(Self { variable: (!variable.is_empty()).then_some(variable), place, form })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::{self, Mapper, Mapping};

    #[track_caller]
    fn check_conditional(prefix: &str, event: &str, when: When, expected: &str) {
        let found: Vec<_> = conditional_actions(prefix, event)
            .filter(|conditional| conditional.when == when)
            .map(|conditional| match conditional.instead_of {
                Some(replaced) => format!("{} instead of {}", conditional.action.action, replaced.action),
                None => conditional.action.action.to_string(),
            })
            .collect();
        assert_eq!(found, [expected], "{prefix} {event}");
    }

    #[test]
    fn what_a_request_asks_for_needs_more() {
        check_conditional("s3", "GetObject", When::Has("versionId"), "s3:GetObjectVersion instead of s3:GetObject");
        check_conditional("s3", "PutObject", When::Has("x-amz-tagging"), "s3:PutObjectTagging");
        check_conditional("sts", "AssumeRole", When::Has("sourceIdentity"), "sts:SetSourceIdentity");
        check_conditional(
            "dynamodb",
            "ExecuteStatement",
            When::Starts("statement", "SELECT"),
            "dynamodb:PartiQLSelect",
        );
        check_conditional("ec2", "RunInstances", When::Has("tagSpecificationSet"), "ec2:CreateTags");
        assert_eq!(conditional_actions("s3", "ListBuckets").count(), 0);
    }

    #[test]
    fn every_name_that_two_services_behind_autoscaling_share_is_told_apart() {
        let [ec2, application, plans] =
            ["autoscaling", "application-autoscaling", "autoscaling-plans"].map(|p| catalog::service(p).unwrap());
        let shared = application.actions().filter(|facts| ec2.action(facts.action.name()).is_some());
        let mut count = 0;
        for facts in shared {
            let name = facts.action.name();
            let told = told_apart("autoscaling.amazonaws.com", name);
            let told: Vec<_> = told.map(|one| (one.action.action.to_string(), one.instead_of.is_some())).collect();
            assert_eq!(told, vec![(facts.action.to_string(), true); 2], "{name}");
            count += 1;
        }
        assert_eq!(count, 5);
        let others = [ec2, application].into_iter().flat_map(|service| service.actions());
        assert_eq!(others.filter(|facts| plans.action(facts.action.name()).is_some()).count(), 0);
        assert_eq!(told_apart("application-autoscaling.amazonaws.com", "PutScalingPolicy").count(), 0);
    }

    #[test]
    fn what_is_told_apart_has_the_name_of_an_event_that_is_mapped_to_the_first() {
        let mut count = 0;
        for label in INDEX.names() {
            for [event, _, how, needed] in rows(INDEX.group(label).table(Table::SharedSources)) {
                let source = format!("{label}.amazonaws.com");
                let Mapping::Actions { actions, .. } = &*Mapper::default().map(&source, event) else {
                    panic!("{label} {event}: unmapped")
                };
                let first: Vec<_> = actions.iter().map(|facts| format!("replace:{}", facts.action)).collect();
                assert_eq!(first, [how], "{label} {event}");
                let (prefix, _) = needed.split_once(':').unwrap();
                assert!(catalog::prefixes_of(&source).contains(&prefix), "{label} {event}: {needed}");
                assert!(told_apart(&source, event).any(|one| one.action.action.to_string() == needed), "{needed}");
                count += 1;
            }
        }
        assert!(count > 10, "{count}");
    }

    #[test]
    fn a_passed_role_is_known_with_the_service_that_gets_it() {
        let role =
            |prefix, event| passed_roles(prefix, event).map(|role| (role.path, role.service)).collect::<Vec<_>>();
        assert_eq!(role("lambda", "CreateFunction"), [("role", Some("lambda.amazonaws.com"))]);
        let tasks = Some("ecs-tasks.amazonaws.com");
        assert_eq!(role("ecs", "RegisterTaskDefinition"), [("executionRoleArn", tasks), ("taskRoleArn", tasks)]);
        assert_eq!(role("s3", "GetObject"), []);
    }

    #[test]
    fn parts_of_an_arn_are_found_in_the_call() {
        let first = |prefix, event, kind| parameters(prefix, event, kind).into_iter().next();
        let parameter = |variable, place, form| Some(Parameter { variable, place: Some(place), form });
        assert_eq!(
            first("sqs", "SendMessage", "queue").map(|p| p.form),
            Some(Form::AsIs),
            "a queue's name goes before its URL"
        );
        assert_eq!(first("iam", "CreateRole", "role"), parameter(None, Place::Response("role.arn"), Form::AsIs));
        assert_eq!(
            first("secretsmanager", "GetSecretValue", "Secret"),
            parameter(Some("SecretId"), Place::Request("secretId"), Form::Suffix)
        );
    }

    #[test]
    fn every_row_is_usable() {
        let (mut conditional, mut roles, mut parts) = (0, 0, 0);
        for service in catalog::services() {
            let group = INDEX.group(service.prefix);
            for table in [Table::ConditionalActions, Table::TagActions, Table::SharedSources] {
                for [event, when, how, needed] in rows(group.table(table)) {
                    let row = format!("{} {event} {when}", service.prefix);
                    assert!(When::parse(when).is_some(), "{row}");
                    let actions = [Some(needed), how.strip_prefix("replace:")];
                    assert!(how == "add" || actions[1].is_some(), "{row}: {how}");
                    for text in actions.into_iter().flatten() {
                        let spelled = named(text).map(|facts| facts.action.to_string());
                        assert_eq!(spelled.as_deref(), Some(text), "{row}: in AWS's spelling");
                    }
                    conditional += 1;
                }
            }
            for [event, path, host, known_from] in rows(group.table(Table::PassRole)) {
                assert!(!path.is_empty() && !known_from.is_empty(), "{} {event}", service.prefix);
                assert!(host.is_empty() || host.ends_with(".amazonaws.com"), "{} {event}: {host}", service.prefix);
                roles += 1;
            }
            for [event, kind, variable, place, form] in rows(group.table(Table::Parameters)) {
                let row = format!("{} {event} {kind} {variable}", service.prefix);
                assert!(Parameter::parse(variable, place, form).is_some(), "{row}: {place} {form}");
                let mut types = service.resource_types().iter().filter(|t| t.name == kind).peekable();
                assert!(types.peek().is_some(), "{row}: no such type");
                let known = |t: &catalog::ResourceType| t.pattern.own_variables().any(|own| own == variable);
                assert!(variable.is_empty() || types.any(known), "{row}: no such variable");
                parts += 1;
            }
        }
        assert!(conditional > 500 && roles > 1_000 && parts > 1_500, "{conditional} {roles} {parts}");
    }
}
