//! Calls that are everyday by themselves and tell something in the order of several: when they were made is kept.

use crate::catalog::without_version;
use crate::decode::Json;
use crate::event::{Event, Operation};
use crate::iam::service_label;

/// By the label of the event source, then by name without version.
const STEPS: &[(&str, &[&str])] = &[
    ("codebuild", &["CreateProject", "StartBuild", "StartBuildBatch", "UpdateProject"]),
    ("cloudformation", &["CreateChangeSet", "ExecuteChangeSet"]),
    ("datapipeline", &["ActivatePipeline", "PutPipelineDefinition"]),
    (
        "ec2",
        &[
            "CopyImage",
            "CopySnapshot",
            "CreateImage",
            "CreateSnapshot",
            "CreateSnapshots",
            "ModifyInstanceAttribute",
            "StartInstances",
        ],
    ),
    ("ecs", &["CreateService", "RegisterTaskDefinition", "RunTask", "StartTask", "UpdateService"]),
    ("iam", &["AddUserToGroup"]),
    ("glue", &["CreateJob", "StartJobRun", "UpdateJob"]),
    (
        "lambda",
        &[
            "AddPermission",
            "CreateEventSourceMapping",
            "CreateFunction",
            "Invoke",
            "InvokeAsync",
            "UpdateFunctionCode",
            "UpdateFunctionConfiguration",
        ],
    ),
    ("rds", &["CopyDBClusterSnapshot", "CopyDBSnapshot", "CreateDBClusterSnapshot", "CreateDBSnapshot"]),
    ("secretsmanager", &["BatchGetSecretValue", "GetSecretValue"]),
    ("signin", &["ConsoleLogin"]),
    ("ssm", &["GetParameter", "GetParameters", "GetParametersByPath"]),
    ("states", &["CreateStateMachine", "StartExecution", "StartSyncExecution", "UpdateStateMachine"]),
    ("sts", &["AssumeRole"]),
];

/// Whether the time of such calls matters.
pub(super) fn is_step(operation: &Operation) -> bool {
    let Some(label) = service_label(&operation.source) else { return false };
    let Some((_, names)) = STEPS.iter().find(|(source, _)| *source == label) else { return false };
    names.contains(&without_version(&operation.name))
}

/// Whom or what a call was about, where the resources of its permissions do not tell: the user that is put into a
/// group, the definition that a service
/// is to run, the copy that was made.
pub(super) fn subject<'a>(event: &Event<'a>) -> Option<Json<'a>> {
    let member = match event.name() {
        "AddUserToGroup" => "userName",
        "CreateService" | "RunTask" | "StartTask" | "UpdateService" if event.source().starts_with("ecs.") => {
            "taskDefinition"
        }
        "RegisterTaskDefinition" => "family",
        // Its permission is needed on what is copied; the copy is what goes on from there.
        "CopySnapshot" => return event.response?.get("snapshotId"),
        _ => return None,
    };
    event.parameters?.get(member)
}
