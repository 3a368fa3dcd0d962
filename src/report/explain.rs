//! Reports that are to tell everything of some actions.

use super::rows::Report;
use crate::iam::matches_ignoring_case;

/// Has the whole evidence told, and only that of actions that fit a pattern, as AWS compares them.
pub fn explain(report: &mut Report, actions: &str) {
    report.explained = true;
    let is_meant = |action: &str| matches_ignoring_case(actions, action);
    for row in report.recommendations.iter_mut().flatten() {
        row.rationale.retain(|why| is_meant(&why.action));
    }
    if let Some(rows) = &mut report.actions {
        rows.retain(|row| is_meant(&row.action));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::ActionRow;

    #[test]
    fn actions_are_compared_as_aws_does() {
        #[track_caller]
        fn check(pattern: &str, expected: &[&str]) {
            let actions = ["s3:GetObject", "s3:PutObject", "sqs:SendMessage"];
            let row = |action: &str| ActionRow { action: action.to_owned(), ..ActionRow::default() };
            let mut report = Report { actions: Some(actions.map(row).into()), ..Report::default() };
            explain(&mut report, pattern);
            let left: Vec<_> = report.actions.iter().flatten().map(|row| &*row.action).collect();
            assert_eq!(left, expected, "{pattern}");
            assert!(report.explained);
        }
        check("*", &["s3:GetObject", "s3:PutObject", "sqs:SendMessage"]);
        check("S3:*object", &["s3:GetObject", "s3:PutObject"]);
        check("s?:getobject", &["s3:GetObject"]);
        check("ec2:*", &[]);
    }
}
