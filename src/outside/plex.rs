//! The sessions in what a Plex answers. It speaks XML unless it is asked for JSON, and a proxy on the way may drop what
//! it was asked for: both are read. What is neither is never taken for an empty house.

use serde_json::Value;

use super::Answer;
use super::sessions::watches;
use crate::model::text::clean;

/// How many sessions are told that the answer counts and does not describe.
const UNTOLD: u64 = 64;

/// One session, as far as it is described.
#[derive(Default)]
struct Told {
    of: String,
    title: String,
    user: String,
    state: String,
}

/// Who watches what, each in words; none if the answer is no list of sessions.
pub(super) fn sessions(answer: &Answer) -> Option<Vec<String>> {
    // Some servers put a mark of byte order before their XML.
    let body = answer.body.trim_start_matches('\u{feff}').trim_start();
    let (size, told) = if body.starts_with('<') { of_xml(body)? } else { of_json(&answer.json())? };
    let mut who: Vec<String> = told.iter().map(Told::words).collect();
    // More are counted than told: they are there all the same.
    let missing = size.saturating_sub(who.len() as u64);
    who.extend((0..missing.min(UNTOLD)).map(|_| "somebody".to_owned()));
    Some(who)
}

impl Told {
    fn words(&self) -> String {
        let title = match (self.of.as_str(), self.title.as_str()) {
            ("", title) => title.to_owned(),
            (of, "") => of.to_owned(),
            (of, title) => format!("{of}, {title}"),
        };
        watches(&self.user, &title, &self.state)
    }
}

fn of_json(document: &Value) -> Option<(u64, Vec<Told>)> {
    let container = document.get("MediaContainer")?;
    let size = container.get("size")?.as_u64()?;
    let text =
        |item: &Value, pointer: &str| item.pointer(pointer).and_then(Value::as_str).map(clean).unwrap_or_default();
    let items = container.get("Metadata").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let told = items.iter().map(|item| Told {
        of: text(item, "/grandparentTitle"),
        title: text(item, "/title"),
        user: text(item, "/User/title"),
        state: text(item, "/Player/state"),
    });
    Some((size, told.collect()))
}

/// `<MediaContainer size="1"><Video title="…"><User title="…"/><Player state="…"/></Video></MediaContainer>`, where a
/// song is a `Track` and a picture a `Photo`. Documents that declare entities of their own are not read.
fn of_xml(text: &str) -> Option<(u64, Vec<Told>)> {
    let document = roxmltree::Document::parse(text).ok()?;
    let container = document.root_element();
    if !container.has_tag_name("MediaContainer") {
        return None;
    }
    let size = container.attribute("size")?.trim().parse().ok()?;
    let said = |item: roxmltree::Node<'_, '_>, name: &str| item.attribute(name).map(clean).unwrap_or_default();
    let told = container.children().filter(roxmltree::Node::is_element).map(|item| {
        let part = |name: &str| item.children().find(|part| part.has_tag_name(name));
        Told {
            of: said(item, "grandparentTitle"),
            title: said(item, "title"),
            user: part("User").map(|user| said(user, "title")).unwrap_or_default(),
            state: part("Player").map(|player| said(player, "state")).unwrap_or_default(),
        }
    });
    Some((size, told.collect()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(body: &str) -> Option<Vec<String>> {
        sessions(&Answer { status: 200, body: body.to_owned() })
    }

    #[test]
    fn xml_and_json_of_the_same_sessions_say_the_same() {
        let json = r#"{"MediaContainer":{"size":3,"Metadata":[
            {"title":"Pilot","grandparentTitle":"A & B","User":{"title":"ana"},"Player":{"state":"paused"}},
            {"title":"Song","User":{"title":"ben"},"Player":{"state":"playing"}}]}}"#;
        let xml = r#"<?xml version="1.0" encoding="UTF-8"?>
            <MediaContainer size="3">
              <Video title="Pilot" grandparentTitle="A &amp; B"><Media id="1"/><User id="1" title="ana"/><Player state="paused"/></Video>
              <Track title="Song"><User title="ben" /><Player state="playing" /></Track>
            </MediaContainer>"#;
        let who = ["ana watches A & B, Pilot (paused)", "ben watches Song (playing)", "somebody"].map(str::to_owned);
        assert_eq!(read(json), Some(who.to_vec()));
        assert_eq!(read(xml), Some(who.to_vec()));
        assert_eq!(read(&format!("\u{feff}{xml}")), Some(who.to_vec()));
    }

    #[test]
    fn what_is_cut_off_or_something_else_is_no_empty_house() {
        let deep = format!("<MediaContainer size=\"0\">{}", "<a>".repeat(500_000));
        for body in [
            "",
            "[]",
            "<MediaContainer size=\"0\">",
            "<MediaContainer/>",
            "<MediaContainer size=\"none\"/>",
            "<html><MediaContainer size=\"0\"/></html>",
            "<!DOCTYPE x [<!ENTITY a \"b\">]><MediaContainer size=\"0\"/>",
            "{\"MediaContainer\":{\"size\":",
            &deep,
        ] {
            assert_eq!(read(body), None, "{}", body.chars().take(80).collect::<String>());
        }
        assert_eq!(read("<MediaContainer size=\"0\"></MediaContainer>"), Some(Vec::new()));
    }

    #[test]
    fn a_title_in_xml_that_controls_a_terminal_is_only_a_title() {
        let who = read("<MediaContainer size=\"1\"><Video title=\"a&#10;b&#9;\u{9b}31m\"/></MediaContainer>").unwrap();
        assert!(!who.iter().any(|line| line.contains(['\n', '\t', '\u{9b}'])), "{who:?}");
    }
}
