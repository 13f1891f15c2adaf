//! Sentences about YAML text as a whole.

use proptest::prelude::*;

use super::*;
use crate::stack::tree::Value;

fn shown(node: &Node) -> String {
    match &node.value {
        Value::Null => "null".into(),
        Value::Bool(value) => value.to_string(),
        Value::Int(value) => value.to_string(),
        Value::Big(value) => value.to_string(),
        Value::Float(value) => format!("{value:?}"),
        Value::Time(value) => value.clone(),
        Value::Text(value) => format!("{value:?}"),
        Value::List(list) => format!("[{}]", list.iter().map(shown).collect::<Vec<_>>().join(", ")),
        Value::Map(map) => {
            let pairs: Vec<_> = map.0.iter().map(|entry| format!("{}: {}", entry.key, shown(&entry.node))).collect();
            format!("{{{}}}", pairs.join(", "))
        }
    }
}

/// The tree on one line, or where it is refused and why.
fn tree(text: &str) -> String {
    match read(0, text) {
        Ok(Some(node)) => shown(&node),
        Ok(None) => "nothing".into(),
        Err(faults) => {
            let told = faults.iter().map(|f| format!("{}:{} {}", f.place.line, f.place.column, f.diagnostic.what));
            format!("refused: {}", told.collect::<Vec<_>>().join("; "))
        }
    }
}

#[track_caller]
fn same(table: &[(&str, &str)]) {
    for (text, wanted) in table {
        assert_eq!(tree(text), *wanted, "{text:?}");
    }
}

/// The faults, each as its place and the beginning of its words.
#[track_caller]
fn refused(table: &[(&str, &str)]) {
    for (text, wanted) in table {
        let tree = tree(text);
        assert!(tree.starts_with(&format!("refused: {wanted}")), "{text:?} gave {tree}, not {wanted}");
    }
}

#[test]
fn blocks_and_brackets_become_a_tree() {
    same(&[
        ("a: 1\nb:\n  - x\n  - {c: d}\n", r#"{a: 1, b: ["x", {c: "d"}]}"#),
        ("a:\n- 1\n- - 2\n  - 3\n-\n", "{a: [1, [2, 3], null]}"),
        ("a: [b, c: d, ]\n", r#"{a: ["b", {c: "d"}]}"#),
        ("a: {b, c: , d: 1}\n", "{a: {b: null, c: null, d: 1}}"),
        ("? a\n: b\n? c\n", r#"{a: "b", c: null}"#),
        ("a: http://x:80/#y # no\n", r#"{a: "http://x:80/#y"}"#),
        ("a: {b:1}\n", "{a: {b:1: null}}"),
    ]);
}

#[test]
fn files_that_yaml_1_2_forbids_and_the_cli_deploys_are_read() {
    same(&[
        ("a:\n  [b,\nc\n]\n", r#"{a: ["b", "c"]}"#),
        ("a: {\nb: 1\n}\n", "{a: {b: 1}}"),
        ("a:\t1\n", "{a: 1}"),
        ("a: \"x\ny\"\n", r#"{a: "x y"}"#),
        ("a: [1]# c\n", "{a: [1]}"),
        ("a: x\u{2028}b: y\n", r#"{a: "x", b: "y"}"#),
    ]);
}

#[test]
fn lines_of_one_value_are_folded_as_its_style_says() {
    same(&[
        ("a: x\n  y\n\n  z\n", r#"{a: "x y\nz"}"#),
        ("a: \"x\n  y\\\n  z\\n\"\n", r#"{a: "x yz\n"}"#),
        ("a: 'it''s\n\n  so'\n", r#"{a: "it's\nso"}"#),
        ("a: |\n  x\n   y\n\n", r#"{a: "x\n y\n"}"#),
        ("a: |-\n  x\n", r#"{a: "x"}"#),
        ("a: |+\n  x\n\n", r#"{a: "x\n\n"}"#),
        ("a: |2\n    x\n", r#"{a: "  x\n"}"#),
        ("a: >\n  x\n  y\n\n  z\n   w\n", r#"{a: "x y\nz\n w\n"}"#),
        ("a: |\n  x", r#"{a: "x"}"#),
        ("a: \"\\x41\\u00e9\\t\"\n", r#"{a: "Aé\t"}"#),
    ]);
}

#[test]
fn aliases_repeat_what_their_anchor_marks() {
    same(&[
        ("a: &x {b: 1}\nc: *x\n", "{a: {b: 1}, c: {b: 1}}"),
        ("a: &x 1\nb: &x 2\nc: *x\n", "{a: 1, b: 2, c: 2}"),
        ("&k a: 1\nb: *k\n", r#"{a: 1, b: "a"}"#),
    ]);
    let node = read(0, "a: &x {b: 1}\nc: *x\n").unwrap().unwrap();
    let second = node.map().unwrap().get("c").unwrap().map().unwrap().get("b").unwrap();
    assert_eq!(
        (second.place.line, second.place.column),
        (1, 11),
        "a repeated value keeps the place where it is written"
    );
}

#[test]
fn merged_keys_never_win_over_written_ones_and_the_first_mapping_wins() {
    same(&[
        ("a: &x {b: 1, c: 1}\nd: {<<: *x, b: 2}\n", "{a: {b: 1, c: 1}, d: {b: 2, c: 1}}"),
        ("a: {b: 2, <<: {b: 1, c: 3}}\n", "{a: {b: 2, c: 3}}"),
        ("a: {<<: [{b: 1}, {b: 2, c: 2}]}\n", "{a: {b: 1, c: 2}}"),
        ("a: {<<: {b: 1, <<: {b: 2, c: 3}}}\n", "{a: {b: 1, c: 3}}"),
        ("a: {\"<<\": {b: 1}}\n", "{a: {<<: {b: 1}}}"),
        ("a: {!!merge <<: {b: 1}}\n", "{a: {b: 1}}"),
        ("a: {<<: {1: x}}\n", r#"{a: {1: "x"}}"#),
    ]);
    refused(&[
        ("a: {<<: 1}\n", "1:9 `<<` merges mappings only"),
        ("a: {<<: [1]}\n", "1:10 `<<` merges mappings only"),
        ("a: &x [{b: 1}]\nc: {<<: *x}\n", "2:9 `<<` merges mappings only"),
    ]);
}

#[test]
fn keys_stand_once_and_are_text() {
    refused(&[
        ("a: 1\nb: 2\na: 3\n", "3:1 the key `a` stands here a second time"),
        (
            "a: {b: 1, b: 1, b: 1}\n",
            "1:11 the key `b` stands here a second time; 1:17 the key `b` stands here a second",
        ),
        ("a: {80: x, true: y}\n", "1:5 the key `80` is not text; 1:12 the key `true` is not text"),
        ("a: {1: x, \"1\": y}\n", "1:11 the key `1` stands here a second time"),
        ("a: {[b]: c}\n", "1:5 a mapping or a sequence stands where a key belongs"),
        ("a: {{b}}\n", "1:5 a mapping or a sequence stands where a key belongs"),
    ]);
}

#[test]
fn what_the_cli_cannot_read_is_refused_with_its_place() {
    refused(&[
        ("a:\n\tb: 1\n", "2:1 a tab stands where the indentation"),
        ("a: x\n\t\nb: 1\n", "2:1 a tab stands where the indentation"),
        ("a: |\n\tx\n", "2:1 a tab stands where the indentation of a block"),
        ("a: *x\n", "1:4 `*x` names an anchor that the file does not have"),
        ("a: &x [*x]\n", "1:8 the anchor `&x` contains itself"),
        ("a: &x {<<: *x}\n", "1:12 the anchor `&x` contains itself"),
        ("a: b: c\n", "1:5 a second `: ` stands in one value"),
        ("a: @b\n", "1:4 no value can begin with `@`"),
        ("a: [b\n", "2:1 a `,` or `]` is missing"),
        ("a: [b?c]\n", "1:6 a `,` or `]` is missing"),
        ("a: \"b\n", "1:4 the quote \" that begins here never ends"),
        ("a: \"\\/\"\n", "1:5 the backslash before `/` says nothing"),
        ("a: 1\nbc\n", "2:1 a `:` is missing behind this key"),
        ("a:\n  b: 1\n c: 2\n", "3:2 a key is expected here"),
        ("a:\n  - b\n c: 1\n", "3:2 "),
        ("a: |x\n", "1:5 text stands behind the sign"),
        ("a: !e!x 1\n", "1:4 nobody says what the tag !e! stands for"),
        ("a: !!int x\n", "1:4 `x` is not what the tag !!int says"),
        ("%YAML 1.2\n---\na: 1\n", "1:1 `%YAML 1.2` cannot be read"),
        ("a: x\u{1}\n", "1:5 the control character U+0001"),
        ("é: \"\u{7f}\"\n", "1:5 the control character U+007F"),
    ]);
}

#[test]
fn only_the_first_document_is_read() {
    same(&[
        ("---\na: 1\n---\nb: [\n", "{a: 1}"),
        ("a: 1\n...\nfoo\n", "{a: 1}"),
        ("", "nothing"),
        ("# only\n# comments\n", "nothing"),
        ("---\n", "null"),
    ]);
    refused(&[("a: 1\n...\nfoo\nb: 1\n", "4:2 a second `: ` stands in one value")]);
}

#[test]
fn marks_of_windows_harm_nothing() {
    same(&[("\u{feff}a: x\r\nb: |\r\n  y\r\n  z\r\n", r#"{a: "x", b: "y\nz\n"}"#)]);
    let node = read(0, "\u{feff}a: x\r\nb: y\r\n").unwrap().unwrap();
    let entry = node.map().unwrap().entry("b").unwrap();
    assert_eq!((entry.place.line, entry.node.place.column), (2, 4));
}

#[test]
fn a_missing_value_is_where_its_colon_is() {
    let node = read(0, "a:\nb: 1\n").unwrap().unwrap();
    assert_eq!(node.map().unwrap().get("a").unwrap().place.line, 1);
}

#[test]
fn laughs_are_refused_before_they_are_counted_out_and_ordinary_repetition_is_not() {
    let mut text = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n".to_owned();
    for level in 1..30 {
        let below = level - 1;
        let items = vec![format!("*a{below}"); 9].join(", ");
        text.push_str(&format!("a{level}: &a{level} [{items}]\n"));
    }
    refused(&[(&text, "")]);
    assert!(tree(&text).contains("the aliases of this file repeat too much"));
    let mut ordinary = "x: &x {a: 1, b: 2, c: 3, d: [1, 2, 3]}\n".to_owned();
    (0..500).for_each(|n| ordinary.push_str(&format!("s{n}: {{<<: *x, e: *x}}\n")));
    assert!(!tree(&ordinary).starts_with("refused"));
}

#[test]
fn long_text_is_not_repeated_without_end() {
    let text = format!("a: &a {}\nb: [{}]\n", "x".repeat(100_000), vec!["*a"; 100_000].join(", "));
    refused(&[(&text, "2:")]);
}

#[test]
fn no_depth_harms_the_reader() {
    for text in ["[".repeat(100_000), "{a: ".repeat(100_000), "- ".repeat(100_000), "? ".repeat(100_000)] {
        refused(&[(&text, "")]);
    }
    let mut chain = "a0: &a0 [[[[[x]]]]]\n".to_owned();
    (1..100).for_each(|n| chain.push_str(&format!("a{n}: &a{n} [[[[[*a{}]]]]]\n", n - 1)));
    assert!(tree(&chain).contains("levels deep"));
}

#[test]
fn a_file_of_ten_megabytes_is_refused_unread() {
    let tree = tree(&"a: x\n".repeat(2_000_000));
    assert_eq!(tree, "refused: 0:0 the file has 10000000 bytes, more than the 4194304 that a stack file may have");
}

fn plain_data() -> impl Strategy<Value = serde_json::Value> {
    let leaf = prop_oneof![
        Just(serde_json::Value::Null),
        any::<bool>().prop_map(Into::into),
        any::<i64>().prop_map(Into::into),
        "[a-z ${}:#'\"\\-\n]{0,12}".prop_map(serde_json::Value::from),
        any::<String>().prop_map(|text| text.replace(char::is_control, "").into()),
    ];
    leaf.prop_recursive(4, 40, 5, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(serde_json::Value::from),
            prop::collection::btree_map("[a-z_:# -]{0,6}", inner, 0..5)
                .prop_map(|map| serde_json::Value::Object(map.into_iter().collect())),
        ]
    })
}

fn json(node: &Node) -> serde_json::Value {
    match &node.value {
        Value::Null => serde_json::Value::Null,
        Value::Bool(value) => (*value).into(),
        Value::Int(value) => (*value).into(),
        Value::Big(value) => (*value).into(),
        Value::Float(value) => (*value).into(),
        Value::Time(value) | Value::Text(value) => value.clone().into(),
        Value::List(list) => list.iter().map(json).collect::<Vec<_>>().into(),
        Value::Map(map) => map.0.iter().map(|entry| (entry.key.clone(), json(&entry.node))).collect(),
    }
}

/// Every key stands in the text at its place, if it is written without quotes.
fn keys_point_at_the_text(node: &Node, text: &str) {
    match &node.value {
        Value::List(list) => list.iter().for_each(|node| keys_point_at_the_text(node, text)),
        Value::Map(map) => {
            for entry in &map.0 {
                let line = text.split('\n').nth(entry.place.line as usize - 1).unwrap();
                let rest: String = line.chars().skip(entry.place.column as usize - 1).collect();
                let written = rest.starts_with(&entry.key) || rest.starts_with(['"', '\'', '?', '|', '>', '&']);
                assert!(written, "{:?} at {:?} in {text:?}", entry.key, entry.place);
                keys_point_at_the_text(&entry.node, text);
            }
        }
        _ => {}
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_text_is_read_or_refused(text in "[a\\-:\\[\\]{},&*!|>'\"%@`?#~\\\\ \n\t\r<0é.]{0,60}") {
        let _ = read(0, &text);
    }

    #[test]
    fn what_is_written_as_yaml_is_read_again(data in plain_data()) {
        let text = serde_yaml::to_string(&data).unwrap();
        let node = read(0, &text).unwrap().unwrap();
        prop_assert_eq!(json(&node), data);
        keys_point_at_the_text(&node, &text);
    }

    #[test]
    fn what_is_written_as_json_is_read_again(data in plain_data()) {
        let text = serde_json::to_string(&data).unwrap();
        let node = read(0, &text).unwrap().unwrap();
        prop_assert_eq!(json(&node), data);
    }
}
