//! Every command as a user sees it: the README's examples and the sessions under `tests/cmd`.
//! `TRYCMD=overwrite cargo test --test commands` renews the sessions; read the difference.

#[test]
fn commands_print_what_the_docs_say() {
    trycmd::TestCases::new().case("README.md").case("tests/cmd/*.md");
}
