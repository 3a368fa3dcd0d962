use super::story::{Traced, is_same_thing};
use super::{Correlation, Found, HOUR, Says, Story};
use crate::detect::Severity;

/// Something that runs under a role was made or changed, and then run.
pub(super) struct MadeThenRun;

/// Source, what makes, what runs.
const WAYS: &[(&str, &[&str], &[&str])] = &[
    (
        "lambda",
        &["CreateFunction", "UpdateFunctionCode", "UpdateFunctionConfiguration"],
        &["AddPermission", "CreateEventSourceMapping", "Invoke", "InvokeAsync"],
    ),
    ("codebuild", &["CreateProject", "UpdateProject"], &["StartBuild", "StartBuildBatch"]),
    ("glue", &["CreateJob", "UpdateJob"], &["StartJobRun"]),
    ("ecs", &["RegisterTaskDefinition"], &["CreateService", "RunTask", "StartTask", "UpdateService"]),
    ("ec2", &["ModifyInstanceAttribute"], &["StartInstances"]),
    ("cloudformation", &["CreateChangeSet"], &["ExecuteChangeSet"]),
    ("states", &["CreateStateMachine", "UpdateStateMachine"], &["StartExecution", "StartSyncExecution"]),
    ("datapipeline", &["PutPipelineDefinition"], &["ActivatePipeline"]),
];

impl Correlation for MadeThenRun {
    fn says(&self) -> Says {
        Says {
            detection: "made-then-run",
            title: "Code made or changed under a role, then run",
            class: "privilege-escalation",
            attack: &["T1648", "T1098.003"],
            why: "Whoever may put code where it runs under a role, and start it, has what the role may do. Made and \
                  started by one principal within the hour, it may be a way around permissions of its own.",
            next: &[
                "See which role the code runs under and whether the principal has less by itself.",
                "Read the code or configuration that was set.",
                "Look for calls of the role from then on.",
            ],
            false_positives: &["Deployments and developers trying out what they built"],
        }
    }

    fn look<'h>(&self, story: &Story<'h>, found: &mut Vec<Found<'h>>) {
        for actions in &story.principals {
            for (source, makes, runs) in WAYS {
                let run = actions.done(source, runs);
                for made in actions.done(source, makes) {
                    // Of an instance only what runs when it starts.
                    let sets_user_data = || {
                        made.call.findings.iter().any(|finding| finding.kind.detection == "replace-instance-user-data")
                    };
                    if *source == "ec2" && !sets_user_data() {
                        continue;
                    }
                    for start in &run {
                        let same = match (made.about(), start.about()) {
                            _ if start.trace.subjects().next().is_some() => is_among(&made, start),
                            (Some(made), Some(start)) => is_same_thing(made, start) || is_other_kind(made, start),
                            _ => true,
                        };
                        if same
                            && made.may_be_one_person(start)
                            && let Some(pair) = made.followed_by(start, HOUR)
                        {
                            found.push(pair.found(Severity::Medium, &made, start));
                        }
                    }
                }
            }
        }
    }
}

/// Whether what was made is among what the calls say they are about.
fn is_among(made: &Traced<'_>, start: &Traced<'_>) -> bool {
    // `family`, `family:3`, `arn:…:task-definition/family:3`
    let name = |text: &str| {
        let last = text.rsplit('/').next().unwrap_or(text);
        last.split(':').next().unwrap_or(last).to_owned()
    };
    made.trace.subjects().any(|made| start.trace.subjects().any(|started| name(made) == name(started)))
}

/// Whether two ARNs name things of different kinds, which says nothing about whether they belong together.
fn is_other_kind(one: &str, other: &str) -> bool {
    let kind = |arn: &str| arn.splitn(6, ':').nth(5).map(|rest| rest.split(['/', ':']).next().map(str::to_owned));
    kind(one) != kind(other)
}
