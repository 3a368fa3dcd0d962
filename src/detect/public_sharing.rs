use super::{Detection, Finding, Severity, kind};
use crate::decode::Json;
use crate::event::{Event, Operation};
use crate::intern::Interned;

/// A snapshot or an image given to every AWS account.
pub(super) struct PublicSharing;

impl Detection for PublicSharing {
    fn watches(&self, operation: &Operation) -> bool {
        matches!(
            &*operation.name,
            "ModifySnapshotAttribute"
                | "ModifyImageAttribute"
                | "ModifyDBSnapshotAttribute"
                | "ModifyDBClusterSnapshotAttribute"
        )
    }

    fn inspect(&self, event: &Event<'_>) -> Option<Finding> {
        let parameters = event.parameters?;
        let public = match event.name() {
            "ModifySnapshotAttribute" => gives_to_all(parameters, "createVolumePermission"),
            "ModifyImageAttribute" => gives_to_all(parameters, "launchPermission"),
            "ModifyDBSnapshotAttribute" | "ModifyDBClusterSnapshotAttribute" => parameters
                .get_ignoring_case("valuesToAdd")
                .and_then(Json::elements)
                .is_some_and(|mut values| values.any(|value| value.is("all"))),
            _ => false,
        };
        public.then(|| Finding {
            severity: Severity::Critical,
            kind: Interned::new(kind("shared-with-everybody", "Snapshot or image made public", &["T1537"])),
            reasons: vec!["the group `all` was added".into()],
            condition_unknown: false,
        })
    }
}

/// EC2's form: `{"launchPermission":{"add":{"items":[{"group":"all"}]}}}`.
fn gives_to_all(parameters: Json<'_>, permission: &str) -> bool {
    let added = || parameters.get_ignoring_case(permission)?.get("add")?.get("items")?.elements();
    added().is_some_and(|mut items| items.any(|item| item.get("group").is_some_and(|group| group.is("all"))))
}
