//! Sentences about variables in values.

use proptest::prelude::*;

use super::*;
use crate::stack::yaml;

fn environment() -> BTreeMap<String, String> {
    let pairs = [("A", "1"), ("E", ""), ("B", "yes"), ("N", "7"), ("W", "many"), ("S", "secret-word"), ("F", "1.5")];
    pairs.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
}

fn run(text: &str) -> (Node, Outcome) {
    let source = Source { name: "a.yml".into(), text: text.into() };
    let mut node = yaml::read(0, text).unwrap().unwrap();
    let outcome = interpolate(&mut node, &source, &environment());
    (node, outcome)
}

/// What a value becomes, or the words of its faults.
fn value(text: &str) -> Result<String, Vec<String>> {
    let quoted = serde_json::to_string(text).unwrap();
    let (node, outcome) = run(&format!("x-a: {quoted}\n"));
    let faults = outcome.faults.into_vec();
    if faults.is_empty() {
        Ok(node.map().unwrap().get("x-a").unwrap().text().unwrap().to_owned())
    } else {
        Err(faults.into_iter().map(|fault| fault.diagnostic.what).collect())
    }
}

#[test]
fn variables_are_put_in_as_the_cli_does() {
    let table = [
        ("$A", "1"),
        ("${A}x", "1x"),
        ("$A.b", "1.b"),
        ("$$A", "$A"),
        ("$$$A", "$1"),
        ("[$U]", "[]"),
        ("${U:-d}", "d"),
        ("${E:-d}", "d"),
        ("${E-d}", ""),
        ("${U-d}", "d"),
        ("${U-}", ""),
        ("${U:-}", ""),
        ("${E?x}", ""),
        ("$U:-d", "d"),
        ("$A-b c", "1"),
        ("${U:-${A}}", "${A}"),
        ("${U-b-c}", "b-c"),
        ("${U?a:-b}", "b"),
        ("${U:?not-set}", "set"),
        ("$A}", "1}"),
        ("${A?b}", "1"),
        ("{{.Node.Hostname}}", "{{.Node.Hostname}}"),
    ];
    for (text, wanted) in table {
        assert_eq!(value(text).as_deref(), Ok(wanted), "{text}");
    }
}

#[test]
fn what_names_no_variable_is_refused() {
    for text in ["$1", "${}", "a$ b", "a$", "${A.b}", "${A:+x}", "${A", "${ A}", "${A:x}", "$-", "$é"] {
        assert_eq!(value(text).unwrap_err().len(), 1, "{text}");
    }
}

#[test]
fn a_required_variable_is_named_with_the_words_of_the_file() {
    let (_, outcome) = run("services:\n  web:\n    image: x:${U:?set me}\n");
    let fault = outcome.faults.into_vec().remove(0);
    assert_eq!(fault.diagnostic.what, "the variable U is not set, and services.web.image needs it");
    assert_eq!(fault.diagnostic.why, ["the file says: set me"]);
    assert_eq!((fault.place.line, fault.place.column), (3, 14));
    assert_eq!(value("${E:?x}").unwrap_err(), ["the variable E is empty, and x-a needs it"]);
}

#[test]
fn a_fault_before_a_good_variable_is_overlooked_as_the_cli_does_and_told_in_a_note() {
    let (node, outcome) = run("x-a: ${U:?x}${A}\n");
    assert!(outcome.faults.into_vec().is_empty());
    assert_eq!(node.map().unwrap().get("x-a").unwrap().text(), Some("1"));
    assert_eq!(outcome.notes.into_vec().len(), 1);
}

#[test]
fn keys_are_left_alone() {
    let (node, _) = run("x-a: {\"$A\": \"$A\"}\n");
    let map = node.map().unwrap().get("x-a").unwrap().map().unwrap();
    assert_eq!(map.get("$A").unwrap().text(), Some("1"));
}

#[test]
fn typed_fields_are_cast_only_where_the_text_changed() {
    let text = "services:\n  web:\n    deploy: {replicas: \"${N}\"}\n    read_only: ${B}\n    init: ${B}\n  api:\n    deploy: {replicas: \"3\"}\n  my.web:\n    deploy: {replicas: $N}\n";
    let (node, outcome) = run(text);
    assert!(outcome.faults.into_vec().is_empty());
    let services = node.map().unwrap().get("services").unwrap().map().unwrap();
    let replicas = |service: &str| {
        services.get(service).unwrap().map().unwrap().get("deploy").unwrap().map().unwrap().get("replicas").unwrap()
    };
    assert_eq!(replicas("web").value, Value::Int(7));
    assert_eq!(replicas("api").value, Value::Text("3".into()));
    assert_eq!(replicas("my.web").value, Value::Text("7".into()), "a point in a name hides the field from the CLI");
    let web = services.get("web").unwrap().map().unwrap();
    assert_eq!(web.get("read_only").unwrap().value, Value::Bool(true));
    assert_eq!(web.get("init").unwrap().value, Value::Text("yes".into()));
}

#[test]
fn a_failed_cast_names_the_field_and_hides_the_value() {
    let (_, outcome) = run("services:\n  web:\n    deploy: {replicas: $S}\n    tty: $A\n");
    let faults = outcome.faults.into_vec();
    assert_eq!(faults.len(), 2);
    assert_eq!(faults[0].diagnostic.what, "services.web.deploy.replicas must be a whole number");
    assert!(!format!("{faults:?}").contains("secret-word"));
}

#[test]
fn every_dollar_sign_is_found_in_the_file() {
    let text = "a: x $A ${B}\nb: \"é \\\" $N\"\nc: |\n  one\n  $$ $A\nd: >- # $no\n  two $B\n  $N\ne: 'x\n  $F'\n";
    let (_, outcome) = run(text);
    let found: Vec<_> = outcome.variables.iter().map(|v| (v.name.as_str(), v.place.line, v.place.column)).collect();
    let wanted = [("A", 1, 6), ("B", 1, 9), ("N", 2, 10), ("A", 5, 6), ("B", 7, 7), ("N", 8, 3), ("F", 10, 3)];
    assert_eq!(found, wanted);
}

#[test]
fn a_dollar_sign_that_is_written_as_an_escape_has_the_place_of_its_value() {
    let (_, outcome) = run("a: \"\\x24A\"\n");
    assert_eq!((outcome.variables[0].place.line, outcome.variables[0].place.column), (1, 4));
}

#[test]
fn a_long_line_of_variables_is_counted_once() {
    let (_, outcome) = run(&format!("a: {}\n", "é$A ".repeat(100_000)));
    assert_eq!(outcome.variables.last().map(|variable| variable.place.column), Some(4 + 4 * 99_999 + 1));
}

#[test]
fn every_use_of_a_variable_is_listed() {
    let (_, outcome) = run("services:\n  web:\n    image: ${U:-x}\n    ports: [\"${A?}\"]\n");
    let [first, second] = outcome.variables.as_slice() else { panic!("{:?}", outcome.variables) };
    assert!(first.has_default && !first.required && !first.set);
    assert!(!second.has_default && second.required && second.set);
    assert_eq!((first.path.as_str(), second.path.as_str()), ("services.web.image", "services.web.ports[0]"));
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_text_becomes_another_or_is_refused(text in "[$${}A-CEU:?\\-_1 é\n]{0,30}") {
        let _ = value(&text);
    }

    #[test]
    fn text_without_a_dollar_sign_stays(text in "[^$\\p{C}]{0,30}") {
        prop_assert_eq!(value(&text), Ok(text));
    }

    #[test]
    fn parts_hold_the_whole_text(text in "[$${}A:?\\-é ]{0,30}") {
        let whole: usize = template::parts(&text).iter().map(|part| match part {
            template::Part::Text(text) => text.matches('$').count(),
            template::Part::Dollar => 2,
            template::Part::Wrong { .. } => 1,
            template::Part::Use { variable, .. } => 1 + variable.name.matches('$').count() + match variable.form {
                template::Form::Plain => 0,
                template::Form::IfEmpty(text) | template::Form::IfUnset(text)
                | template::Form::MustHaveText(text) | template::Form::MustBeSet(text) => text.matches('$').count(),
            },
        }).sum();
        prop_assert_eq!(whole, text.matches('$').count());
    }
}
