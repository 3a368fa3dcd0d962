//! Nothing that stands in a runbook, or is given to it, becomes a part of a language.

use proptest::prelude::*;
use serde_json::json;
use sqlparser::dialect::GenericDialect;
use sqlparser::tokenizer::{Token, Tokenizer, Whitespace};

use super::*;

/// Texts with all that ends something somewhere.
fn hostile() -> impl Strategy<Value = String> {
    let pieces = prop::sample::select(vec![
        "'",
        "\"",
        "''",
        "\\",
        "/",
        "|",
        "`",
        ";",
        "--",
        "#",
        "/*",
        "*/",
        "\n",
        "\r",
        "\u{2028}",
        "\0",
        "%",
        "_",
        "*",
        "?",
        "(",
        ")",
        "[",
        "]",
        "${",
        "}",
        "${steps.step.eventID}",
        "$",
        "{",
        "<",
        ">",
        " OR 1=1",
        "UNION SELECT",
        "x",
        "é",
    ]);
    prop::collection::vec(pieces, 1..8).prop_map(|pieces| pieces.concat())
}

/// The shape of a query: its tokens without what stands in texts, names and comments.
fn shape(query: &str) -> Vec<String> {
    let query = query.replace("<event-data-store-id>", "event_data_store");
    let tokens =
        Tokenizer::new(&GenericDialect {}, &query).tokenize().unwrap_or_else(|error| panic!("{error}\n{query}"));
    let shape = tokens.into_iter().filter_map(|token| match token {
        Token::Whitespace(Whitespace::SingleLineComment { .. } | Whitespace::Newline | Whitespace::Space) => None,
        Token::SingleQuotedString(_) => Some("text".to_owned()),
        Token::Word(word) if word.quote_style.is_some() => Some("name".to_owned()),
        other => Some(other.to_string()),
    });
    shape.collect()
}

const MODIFIERS: &[&str] = &["", "|contains", "|startswith", "|endswith", "|cased", "|contains|all", "|neq"];

proptest! {
    #[test]
    fn a_value_stays_a_value(value in hostile(), modifier in prop::sample::select(MODIFIERS)) {
        let field = format!("userAgent{modifier}");
        let inputs = |value: &str| BTreeMap::from([("given".to_owned(), json!(value))]);
        let runbook = asking(json!({ field: "${inputs.given}" }));
        for engine in ["athena", "lake"] {
            let all = |value: &str| show(&runbook, engine, &inputs(value)).unwrap();
            let (tame, told) = (shape(&all("x")), shape(&all(&value)));
            // Wildcards make another comparison of it, and escapes add a word; beyond that nothing changes.
            let words = |shape: &[String]| shape.iter().filter(|token| {
                !matches!(token.as_str(), "LIKE" | "=" | "ESCAPE" | "text" | "lower" | "(" | ")")
            }).cloned().collect::<Vec<_>>();
            prop_assert_eq!(words(&told), words(&tame), "{}", all(&value));
        }
        let query = written(&runbook, "logs-insights", &inputs(&value)).0;
        prop_assert_eq!(commands::problem(&query), None, "{}", query);
        prop_assert_eq!(commands::commands(&query).unwrap().len(), 3, "{}", query);
    }

    #[test]
    fn a_pattern_stays_a_pattern(value in hostile()) {
        let runbook = asking(json!({"userAgent|re": value}));
        for engine in ["athena", "lake"] {
            sql::parsed(&shown(&runbook, engine));
        }
        for query in commands::queries(&shown(&runbook, "logs-insights")) {
            prop_assert_eq!(commands::problem(&query), None, "{}", query);
        }
    }

    #[test]
    fn names_and_titles_stay_what_they_are(name in hostile()) {
        let mut runbook = asking(json!({ format!("requestParameters.{name}"): "x" }));
        runbook.title.clone_from(&name);
        runbook.purpose.clone_from(&name);
        let step = &mut runbook.steps[0];
        step.id.clone_from(&name);
        step.title.clone_from(&name);
        step.about.clone_from(&name);
        step.select = vec![format!("requestParameters.{name}"), format!("eventName as {name}")];
        let mut second = step.clone();
        second.id = "second".to_owned();
        second.from = Some(name);
        (second.condition, second.select) = (None, Vec::new());
        second.order_by = vec!["eventName".to_owned()];
        runbook.steps.push(second);
        for engine in ["athena", "lake"] {
            let text = shown(&runbook, engine);
            prop_assert!(sql::parsed(&text.replace("\n\n", ";\n")).len() <= 2, "{}", text);
        }
        for query in commands::queries(&shown(&runbook, "logs-insights")) {
            prop_assert_eq!(commands::problem(&query), None, "{}", query);
        }
    }
}
