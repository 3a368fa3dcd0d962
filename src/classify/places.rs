//! The places in a request or response that matter to a kind of call, and what stands there: everything
//! is found in one walk, however many places there are. Names are compared without case.

use std::sync::LazyLock;

use memchr::memmem;
use smallvec::SmallVec;

use crate::catalog::Place;
use crate::decode::Json;

/// Places in a record.
pub(super) struct Places {
    pub(super) request: Paths,
    pub(super) response: Paths,
}

impl Places {
    pub(super) fn of(places: impl Iterator<Item = Place>) -> Self {
        let (mut request, mut response) = (Paths::default(), Paths::default());
        for place in places {
            match place {
                Place::Request(path) => request.add(path),
                Place::Response(path) => response.add(path),
            }
        }
        Self { request, response }
    }
}

/// Paths as the tables write them: members joined by dots, `[]` any element of a list, a last `*` the
/// names of the members. Kept as a tree, so that what two paths share is walked once.
#[derive(Default)]
pub(super) struct Paths {
    /// Each with its number, which those share that differ in case only.
    known: Vec<(&'static str, usize)>,
    /// The first one is the value itself.
    nodes: Vec<Node>,
}

#[derive(Default)]
struct Node {
    steps: Vec<Step>,
    /// The number of the path that ends here.
    path: Option<usize>,
}

struct Step {
    name: &'static str,
    is_list: bool,
    node: usize,
}

/// What was found: for each path its values in the order of the text.
pub(super) type Values<'a> = SmallVec<[(usize, Json<'a>); 16]>;

impl Paths {
    pub(super) fn is_empty(&self) -> bool {
        self.known.is_empty()
    }

    /// The number of a path.
    pub(super) fn number(&self, path: &str) -> Option<usize> {
        // Who asks has the path from the same table, mostly: then the address tells.
        let by_address = self.known.iter().find(|(known, _)| std::ptr::eq(*known, path));
        let found = by_address.or_else(|| self.known.iter().find(|(known, _)| *known == path));
        found.map(|(_, number)| *number)
    }

    pub(super) fn add(&mut self, path: &'static str) {
        if self.number(path).is_some() {
            return;
        }
        if self.nodes.is_empty() {
            self.nodes.push(Node::default());
        }
        let mut at = 0;
        for step in path.split('.') {
            let (name, is_list) = step.strip_suffix("[]").map_or((step, false), |name| (name, true));
            let new = self.nodes.len();
            let Some(node) = self.nodes.get_mut(at) else { return };
            let same = |step: &&Step| step.is_list == is_list && step.name.eq_ignore_ascii_case(name);
            at = match node.steps.iter().find(same) {
                Some(known) => known.node,
                None => {
                    node.steps.push(Step { name, is_list, node: new });
                    self.nodes.push(Node::default());
                    new
                }
            };
        }
        if let Some(node) = self.nodes.get_mut(at) {
            let number = *node.path.get_or_insert(self.known.len());
            self.known.push((path, number));
        }
    }

    /// What stands at all of them. EC2 wraps a request in `<Event>Request` and writes a list item as
    /// `{"tag":…,"content":…}`; both are stepped over.
    pub(super) fn values<'a>(&self, json: Json<'a>, event: &str) -> Values<'a> {
        let mut values = Values::new();
        if let Some(root) = self.nodes.first() {
            self.walk(root, unwrapped(json, event), &mut values);
        }
        values
    }

    fn walk<'a>(&self, node: &Node, json: Json<'a>, values: &mut Values<'a>) {
        if let Some(path) = node.path {
            values.push((path, json));
        }
        if node.steps.is_empty() {
            return;
        }
        // Where a key stands twice, the last one counts.
        let mut found: SmallVec<[Option<Json<'a>>; 16]> = SmallVec::from_elem(None, node.steps.len());
        for (name, value) in json.pairs() {
            for (step, found) in node.steps.iter().zip(&mut found) {
                if step.name == "*" {
                    self.go_on(step, name, values);
                } else if name.is_ignoring_case(step.name) {
                    *found = Some(value);
                }
            }
        }
        for (step, found) in node.steps.iter().zip(found) {
            let Some(value) = found.filter(|value| !value.is_null()) else { continue };
            if !step.is_list {
                self.go_on(step, value, values);
                continue;
            }
            // A list of one is written without brackets now and then.
            match value.elements() {
                Some(elements) => elements.for_each(|item| self.go_on(step, content(item), values)),
                None => self.go_on(step, content(value), values),
            }
        }
    }

    fn go_on<'a>(&self, step: &Step, value: Json<'a>, values: &mut Values<'a>) {
        if let Some(node) = self.nodes.get(step.node) {
            self.walk(node, value, values);
        }
    }
}

static CONTENT: LazyLock<memmem::Finder<'_>> = LazyLock::new(|| memmem::Finder::new(b"ontent\""));

fn content(item: Json<'_>) -> Json<'_> {
    // A dialect that not many requests are written in: a look is cheaper than a walk.
    let is_likely = CONTENT.find(item.raw()).is_some() || memchr::memchr(b'\\', item.raw()).is_some();
    if is_likely { item.get("content").unwrap_or(item) } else { item }
}

/// The request in `<Event>Request`, where it is wrapped so.
pub(super) fn unwrapped<'a>(json: Json<'a>, event: &str) -> Json<'a> {
    let inside = || {
        let mut entries = json.entries()?;
        let (name, inside) = entries.next()?;
        if !(name.raw().ends_with(b"Request\"") || name.raw().ends_with(b"Response\"")) {
            return None;
        }
        let name = name.as_str()?;
        let is_wrapper = ["Request", "Response"].iter().any(|end| {
            name.len() == event.len() + end.len()
                && name.get(..event.len()).is_some_and(|start| start.eq_ignore_ascii_case(event))
                && name.ends_with(end)
        });
        (is_wrapper && entries.next().is_none()).then_some(inside)
    };
    inside().unwrap_or(json)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::classify::request::tests::with;

    #[track_caller]
    fn check(text: &str, path: &'static str, expected: &[&str]) {
        with(text, |json| {
            let mut paths = Paths::default();
            // Others beside it change nothing.
            for other in ["set.items[].other", "SET.items[].ID", path, "tables.one", "X[].name"] {
                paths.add(other);
            }
            let number = paths.number(path);
            let values = paths.values(json, "RunInstances");
            let found = values.iter().filter(|(path, _)| Some(*path) == number);
            let found: Vec<_> = found.filter_map(|(_, value)| value.as_str()).collect();
            assert_eq!(found, expected, "{path}");
        });
    }

    #[test]
    fn values_are_found_along_a_path() {
        check(r#"{"a":{"B":"x"}}"#, "A.b", &["x"]);
        check(r#"{"set":{"items":[{"id":"1","other":"o"},{"id":"2"}]}}"#, "set.items[].id", &["1", "2"]);
        check(r#"{"RunInstancesRequest":{"x":[{"tag":1,"content":{"id":"1"}}]}}"#, "x[].id", &["1"]);
        check(r#"{"x":[{"\u0063ontent":{"id":"1"}}]}"#, "x[].id", &["1"]);
        check(r#"{"tables":{"one":{},"two":{}}}"#, "tables.*", &["one", "two"]);
        check(r#"{"ids":["a","b"]}"#, "ids[]", &["a", "b"]);
        check(r#"{"ids":"a"}"#, "ids[]", &["a"]);
        check(r#"{"a":null}"#, "a.b", &[]);
        check(r#"{"a":"first","A":"last"}"#, "a", &["last"]);
        check(r#"{"a":"first","A":null}"#, "a", &[]);
    }
}
