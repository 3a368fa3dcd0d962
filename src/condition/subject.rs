use std::borrow::Cow;
use std::cell::OnceCell;

use jiff::tz::Offset;
use smallvec::SmallVec;

use super::names::{Derived, Member};
use super::{Field, Subject, Value};
use crate::catalog::without_version;
use crate::classify::exposure::{self, Ingress, Recorded, SharedWith, request_recorded};
use crate::classify::{Needs, level_of, privileges_of};
use crate::decode::Json;
use crate::event::{Actor, Event, Operation, Outcome, is_public};
use crate::iam::{Grant, Opening, PrincipalKind, service_label};

/// What is known of every call of one kind: its source and its name; and, of those by one kind of principal that
/// ended alike, that too.
pub struct CallView<'o> {
    source: &'o str,
    name: &'o str,
    made: Option<(PrincipalKind, &'static str)>,
}

impl<'o> CallView<'o> {
    /// Of an operation, whoever calls it, where and with what.
    pub fn of(operation: &'o Operation) -> Self {
        Self::named(&operation.source, &operation.name)
    }

    /// Of calls by their source and name.
    pub fn named(source: &'o str, name: &'o str) -> Self {
        Self { source, name, made: None }
    }

    /// Of such calls by one kind of principal that ended so.
    #[must_use]
    pub fn made(self, by: PrincipalKind, outcome: &Outcome<'_>) -> Self {
        Self { made: Some((by, outcome.as_str())), ..self }
    }
}

impl Subject for CallView<'_> {
    fn values(&self, field: &Field, each: &mut dyn FnMut(Value<'_>) -> bool) -> bool {
        match (field, self.made) {
            (Field::Recorded(Member::EventSource, _), _) => source(self.source, each),
            (Field::Recorded(Member::EventName, _), _) => name(self.name, each),
            (Field::Derived(Derived::PrincipalKind), Some((kind, _))) => tell(each, text(kind.as_str())),
            (Field::Derived(Derived::Outcome), Some((_, outcome))) => tell(each, text(outcome)),
            _ => return false,
        }
        true
    }
}

/// The source as recorded, and as it is called in the first partition: rules name that one.
fn source(recorded: &str, each: &mut dyn FnMut(Value<'_>) -> bool) {
    if !each(text(recorded)) && !recorded.ends_with(".amazonaws.com") {
        let label = service_label(recorded);
        label.map(|label| each(Value::Text(Cow::Owned(format!("{label}.amazonaws.com")))));
    }
}

/// The name as recorded, and without the version that some services put behind it.
fn name(recorded: &str, each: &mut dyn FnMut(Value<'_>) -> bool) {
    let bare = without_version(recorded);
    if !each(text(recorded)) && bare != recorded {
        each(text(bare));
    }
}

/// A field's only value: whether it was enough does not matter.
fn tell<'v>(each: &mut dyn FnMut(Value<'_>) -> bool, value: Value<'v>) {
    each(value);
}

fn text(text: &str) -> Value<'_> {
    Value::Text(Cow::Borrowed(text))
}

/// All that is known of an event.
#[derive(Clone, Copy)]
pub struct EventView<'e, 'a> {
    event: &'e Event<'a>,
    needs: &'e Needs,
    /// Whether what was not recorded counts as not there, as it does wherever else Sigma rules are used.
    absent_if_unrecorded: bool,
    facts: &'e RequestFacts<'a>,
}

/// What follows from a request, worked out once it is asked for.
#[derive(Default)]
pub struct RequestFacts<'a> {
    /// Its members: several conditions ask for them, one after the other.
    members: OnceCell<SmallVec<[(Json<'a>, Json<'a>); 12]>>,
    recorded: OnceCell<Recorded>,
    exposure: OnceCell<Exposure>,
}

impl<'e, 'a> EventView<'e, 'a> {
    /// An event with what it needs. What was not recorded is unknown.
    pub fn new(event: &'e Event<'a>, needs: &'e Needs, facts: &'e RequestFacts<'a>) -> Self {
        Self { event, needs, absent_if_unrecorded: false, facts }
    }

    /// The same, where what was not recorded is not there.
    #[must_use]
    pub fn as_recorded(self) -> Self {
        Self { absent_if_unrecorded: true, ..self }
    }

    /// A member as recorded.
    pub fn member(&self, member: Member) -> Option<Json<'a>> {
        let record = self.event.record;
        match member {
            Member::EventSource => Some(record.event_source),
            Member::EventName => Some(record.event_name),
            Member::AwsRegion => record.aws_region,
            Member::SourceIpAddress => record.source_ip_address,
            Member::UserAgent => record.user_agent,
            Member::ErrorCode => record.error_code,
            Member::ErrorMessage => record.error_message,
            Member::RequestId => record.request_id,
            Member::EventId => record.event_id,
            Member::EventType => record.event_type,
            Member::EventCategory => record.event_category,
            Member::RecipientAccountId => record.recipient_account_id,
            Member::VpcEndpointId => record.vpc_endpoint_id,
            Member::ReadOnly => record.read_only,
            Member::UserIdentity => record.user_identity,
            Member::RequestParameters => record.request_parameters,
            Member::ResponseElements => record.response_elements,
            Member::AdditionalEventData => record.additional_event_data,
            Member::Resources => record.resources,
            Member::SessionCredentialFromConsole => record.session_credential_from_console,
            Member::TlsDetails => record.tls_details,
            // Its text may stand under another name.
            Member::EventTime => None,
        }
    }

    fn derived(&self, derived: Derived, each: &mut dyn FnMut(Value<'_>) -> bool) -> bool {
        let event = self.event;
        let principal = &event.identity.principal;
        match derived {
            Derived::Outcome => tell(each, text(event.outcome.as_str())),
            Derived::Principal => tell(each, text(&principal.name)),
            Derived::PrincipalKind => tell(each, text(principal.kind.as_str())),
            Derived::Who => match &event.identity.actor {
                Actor::Person(name) => tell(each, text(name)),
                Actor::Workload | Actor::Unknown => tell(each, text(&principal.name)),
            },
            Derived::Session => tell(each, Value::Text(format!("{:016x}", event.identity.session).into())),
            Derived::Account => {
                if let Some(account) = &event.operation.account {
                    tell(each, text(account));
                }
            }
            Derived::PolicyType => {
                if let Outcome::Denied(denial) = &event.outcome {
                    tell(each, text(denial.policy_type.as_str()));
                }
            }
            Derived::Hour | Derived::Day => {
                let time = Offset::UTC.to_datetime(event.time);
                let day = time.date().to_string();
                let is_day = derived == Derived::Day;
                let text = if is_day { day } else { format!("{day}T{:02}:00:00Z", time.hour()) };
                tell(each, Value::Text(text.into()));
            }
            Derived::Network => tell(each, text(network(event))),
            Derived::Person => {
                if let Actor::Person(name) = &event.identity.actor {
                    tell(each, text(name));
                }
            }
            Derived::Action => {
                let mut actions = self.needs.uses().iter().map(|used| used.action.to_string());
                let _ = actions.any(|action| each(Value::Text(action.into())));
            }
            Derived::AccessLevel => {
                let mut levels = self.needs.uses().iter().filter_map(|used| level_of(&used.action));
                let _ = levels.any(|level| each(text(level.as_str())));
            }
            Derived::Privilege => {
                let mut classes = self.needs.uses().iter().flat_map(|used| privileges_of(&used.action));
                let _ = classes.any(|class| each(text(class.as_str())));
            }
            Derived::Resource => {
                let mut arns = self.needs.uses().iter().flat_map(|used| &used.resources);
                let _ = arns.any(|resource| each(text(&resource.arn)));
            }
            Derived::RolePassed => {
                let passed = self.needs.uses().iter().filter(|used| used.passed_to.is_some());
                let _ = passed.flat_map(|used| &used.resources).any(|role| each(text(&role.arn)));
                return self.is_request_known();
            }
            Derived::TargetIsCaller => match exposure::target_is_caller(event) {
                Some(truth) => tell(each, Value::Bool(truth)),
                None => return self.absent_if_unrecorded,
            },
            Derived::PolicyAllows => {
                return self.words(each, |exposure| &exposure.allows) && self.are_policies_known();
            }
            Derived::PolicyOpensTo => {
                return self.words(each, |exposure| &exposure.opens_to) && self.are_policies_known();
            }
            Derived::SharedWith => return self.words(each, |exposure| &exposure.shared_with),
            Derived::Ingress => return self.words(each, |exposure| &exposure.ingress),
            Derived::PolicyDeniesOwner => {
                if let Some(truth) = self.exposure().denies_owner {
                    each(Value::Bool(truth));
                }
                return self.is_request_known() && self.are_policies_known();
            }
        }
        true
    }

    fn words(&self, each: &mut dyn FnMut(Value<'_>) -> bool, of: impl Fn(&Exposure) -> &Vec<&'static str>) -> bool {
        let _ = of(self.exposure()).iter().any(|word| each(text(word)));
        self.is_request_known()
    }

    fn exposure(&self) -> &Exposure {
        self.facts.exposure.get_or_init(|| Exposure::of(self.event))
    }

    /// A member of the request. The same one is written in different case by different services.
    fn request(&self, name: &str) -> Option<Json<'a>> {
        let members =
            self.facts.members.get_or_init(|| self.event.parameters.into_iter().flat_map(Json::pairs).collect());
        let last =
            |is: &dyn Fn(Json<'a>) -> bool| members.iter().rev().find(|(key, _)| is(*key)).map(|(_, value)| *value);
        let found = last(&|key| key.is(name)).or_else(|| last(&|key| key.is_ignoring_case(name)));
        found.filter(|value| !value.is_null())
    }

    fn is_request_known(&self) -> bool {
        self.absent_if_unrecorded || *self.facts.recorded.get_or_init(|| request_recorded(self.event)) == Recorded::Yes
    }

    /// A document that cannot be read may say anything.
    fn are_policies_known(&self) -> bool {
        self.absent_if_unrecorded || self.exposure().is_readable
    }
}

impl Subject for EventView<'_, '_> {
    fn values(&self, field: &Field, each: &mut dyn FnMut(Value<'_>) -> bool) -> bool {
        match field {
            Field::Recorded(Member::EventSource, _) => source(self.event.source(), each),
            Field::Recorded(Member::EventName, _) => name(self.event.name(), each),
            Field::Recorded(Member::EventTime, _) => tell(each, Value::Text(self.event.time.to_string().into())),
            Field::Recorded(Member::RequestParameters, steps) => {
                match steps.split_first() {
                    Some((step, rest)) => drop(self.request(step).map(|inside| walk(inside, rest, each))),
                    None => drop(self.event.parameters.map(|request| walk(request, steps, each))),
                }
                return self.is_request_known();
            }
            Field::Recorded(member, steps) => {
                if let Some(json) = self.member(*member) {
                    walk(json, steps, each);
                }
            }
            Field::Derived(derived) => return self.derived(*derived, each),
            Field::Column(_) => {}
            Field::Anything => {
                let _ = Member::ALL.iter().filter_map(|member| self.member(*member)).any(|json| texts(json, each));
                return self.is_request_known();
            }
        }
        true
    }
}

/// From where a request came.
fn network(event: &Event<'_>) -> &'static str {
    match (event.vpc_endpoint, event.address) {
        (Some(_), _) => "vpce",
        (None, Some(address)) if is_public(address) => "public",
        (None, Some(_)) => "private",
        (None, None) => {
            let source = event.record.source_ip_address.and_then(Json::as_str).unwrap_or_default();
            if source.ends_with(".amazonaws.com") || source.ends_with(".amazonaws.com.cn") { "service" } else { "none" }
        }
    }
}

/// Hands over what stands at the end of a path, through every list on the way. Whether that was enough.
fn walk(json: Json<'_>, steps: &[Box<str>], each: &mut dyn FnMut(Value<'_>) -> bool) -> bool {
    if json.raw().first() == Some(&b'[') {
        return json.items().any(|item| walk(item, steps, each));
    }
    match steps.split_first() {
        // The same member is written in different case by different services.
        Some((step, rest)) => {
            let inside = json.get(step).or_else(|| json.get_ignoring_case(step));
            inside.is_some_and(|inside| walk(inside, rest, each))
        }
        None => value_of(json).is_some_and(each),
    }
}

/// Hands over every text inside. Whether that was enough.
fn texts(json: Json<'_>, each: &mut dyn FnMut(Value<'_>) -> bool) -> bool {
    if json.is_string() {
        return value_of(json).is_some_and(each);
    }
    json.items().any(|item| texts(item, each)) || json.pairs().any(|(_, value)| texts(value, each))
}

/// A value that is no list; none for `null` and for what is no JSON.
fn value_of(json: Json<'_>) -> Option<Value<'_>> {
    match json.raw() {
        b"null" => None,
        b"true" => Some(Value::Bool(true)),
        b"false" => Some(Value::Bool(false)),
        [b'"', ..] => json.as_str().map(Value::Text),
        raw @ [b'{', ..] => Some(Value::Object(raw)),
        raw => std::str::from_utf8(raw).ok().filter(|raw| raw.parse::<f64>().is_ok()).map(Value::Number),
    }
}

/// Facts of a request that fields are made of.
struct Exposure {
    allows: Vec<&'static str>,
    opens_to: Vec<&'static str>,
    shared_with: Vec<&'static str>,
    ingress: Vec<&'static str>,
    denies_owner: Option<bool>,
    is_readable: bool,
}

impl Exposure {
    fn of(event: &Event<'_>) -> Self {
        Self {
            allows: exposure::allows(event).into_iter().map(Grant::as_str).collect(),
            opens_to: exposure::opens_to(event).into_iter().map(Opening::as_str).collect(),
            shared_with: exposure::shared_with(event).into_iter().map(SharedWith::as_str).collect(),
            ingress: exposure::ingress(event).into_iter().map(Ingress::as_str).collect(),
            denies_owner: exposure::denies_owner(event),
            is_readable: exposure::policies_are_readable(event),
        }
    }
}
