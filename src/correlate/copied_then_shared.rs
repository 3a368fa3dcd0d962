use super::story::is_same_thing;
use super::{Correlation, Found, HOUR, Says, Story};
use crate::detect::Severity;

/// A copy of data was made and then given away by whoever made it.
pub(super) struct CopiedThenShared;

const COPIES: &[(&str, &[&str])] = &[
    ("ec2", &["CopyImage", "CopySnapshot", "CreateImage", "CreateSnapshot", "CreateSnapshots"]),
    ("rds", &["CopyDBClusterSnapshot", "CopyDBSnapshot", "CreateDBClusterSnapshot", "CreateDBSnapshot"]),
];

impl Correlation for CopiedThenShared {
    fn says(&self) -> Says {
        Says {
            detection: "copied-then-shared",
            title: "Snapshot or image made, then shared",
            class: "resource-exposure",
            attack: &["T1537", "T1578.001"],
            why: "A copy of a disk or database that is made and given to another account within the hour takes all \
                  data out at once, past every control on the original.",
            next: &[
                "Find out whose account the copy was shared with.",
                "Take the share back; what was copied from it meanwhile stays there.",
                "Look for what else the principal copied.",
            ],
            false_positives: &["A backup or image pipeline that copies to an account of the same organisation"],
        }
    }

    fn look<'h>(&self, story: &Story<'h>, found: &mut Vec<Found<'h>>) {
        for actions in &story.principals {
            let shared = actions.traced.iter().filter(|one| {
                one.is_done() && one.finds("resource-exposure").is_some_and(|severity| severity >= Severity::Medium)
            });
            let shared: Vec<_> = shared.collect();
            for (source, names) in COPIES {
                for copy in actions.done(source, names) {
                    for share in &shared {
                        // A copy also names what it was made of.
                        let Some(given) = share.about() else { continue };
                        let is_named = |id: &str| given.ends_with(id) && !id.is_empty();
                        if (copy.resources().any(|made| is_same_thing(made, given))
                            || copy.trace.subjects().any(is_named))
                            && let Some(pair) = copy.followed_by(share, HOUR)
                        {
                            let one = pair.found(Severity::Critical, &copy, share);
                            found.push(Found { resource: Some(given.into()), ..one });
                        }
                    }
                }
            }
        }
    }
}
