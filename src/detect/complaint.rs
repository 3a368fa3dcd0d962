//! What the parser of Sigma complains about, in our words and with its line.

use super::rule::one_line;
use crate::condition::{MODIFIERS, did_you_mean};

/// How many lines down something stands: where a line begins with a key, and then where the text behind it is. It
/// is looked for in the detection first, where most mistakes are.
pub(super) fn line_of(text: &str, key: &str, behind: &str) -> usize {
    let lines: Vec<&str> = text.lines().collect();
    let find = |from: usize, is_it: &dyn Fn(&str) -> bool| {
        lines.iter().skip(from).position(|line| is_it(line)).map(|at| from + at)
    };
    let has_key = |line: &str| {
        let line = line.trim_start_matches([' ', '-', '"', '\'']);
        line.strip_prefix(key).is_some_and(|rest| !rest.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '_'))
    };
    let detection = find(0, &|line| line.starts_with("detection:")).unwrap_or(0);
    let at = if key.is_empty() { None } else { find(detection, &has_key).or_else(|| find(0, &has_key)) };
    if key.is_empty() && behind.is_empty() {
        return 0;
    }
    let at = at.unwrap_or(detection);
    if behind.is_empty() { at } else { find(at, &|line| line.contains(behind)).unwrap_or(at) }
}

/// What the parser complains about, in our words.
pub(super) struct Complaint {
    /// What is wrong and what to do.
    pub(super) message: String,
    /// How many lines down.
    pub(super) down: usize,
}

impl Complaint {
    /// Nothing for what makes no difference to us.
    pub(super) fn of(said: &str, text: &str) -> Option<Self> {
        let at = |key: &str, behind: &str, message: String| Some(Self { message, down: line_of(text, key, behind) });
        let quoted = || said.split('\'').nth(1).unwrap_or_default();
        if let Some(said) = said.strip_prefix("YAML parse error: ") {
            let number = |behind: &str| {
                let (_, rest) = said.split_once(behind)?;
                rest.split(|c: char| !c.is_ascii_digit()).next()?.parse::<usize>().ok()
            };
            let down = number(" at line ").or_else(|| number("line ")).unwrap_or(1).saturating_sub(1);
            let why = said.split(" at line ").next().unwrap_or(said);
            let why = match why.split_once("duplicate entry with key ") {
                Some((_, key)) => {
                    format!("`{}` is written twice; of several values make a list", key.trim_matches('"'))
                }
                None if why.starts_with("did not find expected key") => {
                    "this is not YAML: a line is not indented as those around it, or a quote is missing".to_owned()
                }
                None => format!("this is not YAML: {}", why.replace('"', "`")),
            };
            let message = one_line(&why);
            return Some(Self { message, down });
        }
        // These are told already.
        if ["Invalid correlation rule", "Invalid timespan"].iter().any(|of| said.starts_with(of)) {
            return None;
        }
        if said.starts_with("Unknown modifier") {
            let hint = did_you_mean(quoted(), MODIFIERS.iter().copied());
            return at("", &format!("|{}", quoted()), format!("there is no modifier `{}`{hint}", quoted()));
        }
        if said.starts_with("`not` is not a value modifier") {
            return at("", "|not", "there is no modifier `not`; write `not` in the condition".to_owned());
        }
        if said.starts_with("Missing required field") {
            let key = if quoted() == "condition" { "detection" } else { "" };
            return at(key, "", format!("the rule has no `{}`", quoted()));
        }
        if said.starts_with("invalid level") {
            let levels = "informational, low, medium, high and critical";
            return at("level", "", format!("`{}` is no level; there are {levels}", quoted()));
        }
        if said.starts_with("Condition") {
            return at("condition", "", wrong_condition(said));
        }
        // How a rule came to be, and how far it is, changes nothing of what it finds.
        if ["invalid status", "invalid sigma-version", "related", "'related'"].iter().any(|of| said.starts_with(of)) {
            return None;
        }
        let message = match said {
            "Document is not a YAML mapping" => {
                "this is no rule; one is lines of `key: value`, and has a title, a logsource and a detection"
            }
            "Invalid detection: Detection section must be a mapping" => {
                "`detection` is lines of `key: value`: what is looked for, by names, and a `condition`"
            }
            "Invalid rule: logsource must be a mapping" => {
                "`logsource` is `product: aws` and `service: cloudtrail`, a line each"
            }
            _ if said.starts_with("Invalid detection: condition") => "`condition` is a text, or a list of texts",
            _ if said.contains("action") => "`action` is one of global, repeat and reset",
            _ => said.split_once(": ").filter(|(head, _)| head.starts_with("Invalid ")).map_or(said, |(_, rest)| rest),
        };
        let key = ["logsource", "condition", "action"].into_iter().find(|key| message.starts_with(&format!("`{key}`")));
        let is_detection = text.contains("detection:") && said.contains("etection");
        at(key.unwrap_or(if is_detection { "detection" } else { "" }), "", one_line(message))
    }
}

/// Where in a condition the parser stopped: it shows it, with a mark below.
fn wrong_condition(said: &str) -> String {
    let lines: Vec<&str> = said.lines().collect();
    let shown = lines.iter().zip(lines.iter().skip(1)).find_map(|(line, mark)| {
        let (number, condition) = line.split_once(" | ")?;
        number.trim().parse::<usize>().ok()?;
        let column = mark.split_once(" | ")?.1.find('^')?;
        Some((condition.trim_end(), condition.get(column..).unwrap_or_default().trim()))
    });
    match shown {
        Some((condition, "")) => format!("the condition `{condition}` ends too early"),
        Some((condition, rest)) if rest == condition => format!("the condition `{condition}` cannot be read"),
        Some((_, rest)) => format!("the condition cannot be read from `{rest}` on"),
        None if said.contains("depth") => "the condition is nested too deep".to_owned(),
        None if said.contains("too long") => "the condition is too long".to_owned(),
        None => "the condition cannot be read".to_owned(),
    }
}
