use super::{Detection, Finding, Severity};
use crate::decode::Json;
use crate::event::{Event, Operation};

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
            detection: "shared-with-everybody".into(),
            title: "Snapshot or image made public".into(),
            severity: Severity::Critical,
            attack: vec!["T1537".into()],
            reasons: vec!["the group `all` was added".into()],
        })
    }
}

/// EC2's form: `{"launchPermission":{"add":{"items":[{"group":"all"}]}}}`.
fn gives_to_all(parameters: Json<'_>, permission: &str) -> bool {
    let added = || parameters.get_ignoring_case(permission)?.get("add")?.get("items")?.elements();
    added().is_some_and(|mut items| items.any(|item| item.get("group").is_some_and(|group| group.is("all"))))
}
