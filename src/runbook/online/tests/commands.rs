//! Logs Insights: a small grammar of commands and their order.

use super::*;

/// The commands of a query, cut at pipes that stand outside of texts and patterns; or why it is none.
pub(super) fn commands(query: &str) -> Result<Vec<String>, String> {
    let (mut commands, mut within, mut is_escaped) = (vec![String::new()], None, false);
    let mut depth = 0_i32;
    for c in query.chars() {
        match within {
            Some(_) if c.is_control() || !c.is_ascii() => return Err(format!("{c:?} stands inside of a text")),
            Some(end) if c == end && !is_escaped => within = None,
            None if matches!(c, '"' | '/' | '`') => within = Some(c),
            None if c == '|' => {
                if depth != 0 {
                    return Err("a bracket is open at a pipe".to_owned());
                }
                commands.push(String::new());
                continue;
            }
            None if matches!(c, '(' | '[') => depth += 1,
            None if matches!(c, ')' | ']') => depth -= 1,
            _ => {}
        }
        is_escaped = within.is_some() && c == '\\' && !is_escaped;
        commands.last_mut().unwrap().push(c);
    }
    if within.is_some() || depth != 0 {
        return Err("something is not closed".to_owned());
    }
    Ok(commands.iter().map(|command| command.trim().to_owned()).collect())
}

/// Why the commands of a query are none that Logs Insights takes, or not in an order that makes sense.
pub(super) fn problem(query: &str) -> Option<String> {
    let commands = match commands(query) {
        Ok(commands) => commands,
        Err(why) => return Some(why),
    };
    let words: Vec<&str> = commands.iter().map(|command| command.split(' ').next().unwrap()).collect();
    let known = ["fields", "filter", "parse", "stats", "display", "sort", "limit"];
    if let Some(odd) = words.iter().find(|word| !known.contains(word)) {
        return Some(format!("`{odd}` is no command"));
    }
    let at = |word: &str| words.iter().position(|known| *known == word);
    let many = |word: &str| words.iter().filter(|known| **known == word).count();
    if words[0] != "fields" {
        return Some("it does not begin with fields".to_owned());
    }
    if many("stats") > 2 || many("display") > 1 || many("sort") > 1 || many("limit") > 1 {
        return Some(format!("too often: {words:?}"));
    }
    let after_stats = at("stats").map_or(&[][..], |at| &words[at..]);
    if after_stats.iter().any(|word| matches!(*word, "fields" | "parse")) {
        return Some("records are looked at after they were counted".to_owned());
    }
    let tail = at("sort").into_iter().chain(at("limit")).min().map_or(&[][..], |at| &words[at..]);
    (!matches!(tail, [] | ["sort"] | ["limit"] | ["sort", "limit"])).then(|| format!("behind its end: {tail:?}"))
}

/// The queries of what is shown.
pub(super) fn queries(shown: &str) -> Vec<String> {
    let of = shown.split("\n\n").map(|step| {
        let lines: Vec<&str> = step.lines().filter(|line| !line.starts_with('#')).collect();
        lines.join("\n")
    });
    of.filter(|query| !query.is_empty()).collect()
}

#[test]
fn every_query_is_a_row_of_commands() {
    let mut seen = 0;
    for runbook in runbooks() {
        for query in queries(&shown(&runbook, "logs-insights")) {
            assert_eq!(problem(&query), None, "{query}");
            seen += 1;
        }
    }
    assert!(seen > 10, "only {seen} queries");
}

#[test]
fn the_grammar_sees_what_is_wrong() {
    for wrong in [
        "filter a = 1",
        "fields a | drop b",
        "fields a | filter b = \"c",
        "fields a | filter (b",
        "fields a | limit 1 | sort a",
        "fields a | stats count(*) by a | parse a /b/",
        "fields a | filter b like /c/d/",
    ] {
        assert!(problem(wrong).is_some(), "{wrong}");
    }
    assert_eq!(
        problem("fields a | filter b like /c|d\\/e/ | stats count(*) by a | filter c > 1 | sort a | limit 1"),
        None
    );
}
