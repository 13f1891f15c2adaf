//! Secrets and configs: the engine takes other labels and never another content, so what has changed under its name is
//! found here, before anything is written.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value, json};

use super::change::{Change, Effect, Field, Thing};
use super::draft::Draft;
use super::fields::fingerprint;
use super::truth::{id_of, label, labels_of, name_of, stack_of};
use crate::diag::Diagnostic;
use crate::model::secret::Secrets;
use crate::stack::WishedPart;

/// Our label with the fingerprint of a content.
pub const CONTENT: &str = "quarterdeck.content";
/// Our label with the name in the file of what stands under another name.
pub const ROTATES: &str = "quarterdeck.rotates";
/// What begins so was written by us.
const OURS: &str = "quarterdeck.";
/// Longer names are refused by the engine.
const LONGEST_NAME: usize = 64;

/// What is known of a live content.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Content {
    Same,
    Another,
    Unknown,
}

/// One wished secret or config.
pub(super) fn part<'a>(draft: &mut Draft<'a>, kind: Thing, wished: &'a WishedPart) {
    if let Some(fault) = impossible(draft, kind, wished) {
        return draft.fault(fault);
    }
    let plain = draft.truth.named(kind, &wished.name);
    if let Some(plain) = plain
        && let Some(other) = stack_of(plain).filter(|stack| *stack != draft.wish.stack)
    {
        let fault = Diagnostic::new(
            format!("the {} {} belongs to the stack {other}", kind.word(), wished.name),
            "give it another name, or mark it `external: true` to use it",
        );
        return draft.fault(fault.at(draft.place(wished.place)));
    }
    if draft.awaits(kind, (&wished.key, &wished.name)) {
        return unknown(draft, kind, wished);
    }
    let content = plain.map(|plain| content(kind, plain, wished));
    match (plain, content) {
        (Some(plain), Some(Content::Same)) => found(draft, kind, wished, plain),
        (Some(plain), Some(Content::Unknown)) if !draft.options.rotate && rotated(draft, kind, wished).is_none() => {
            found(draft, kind, wished, plain);
            cannot_compare(draft, kind, wished);
        }
        _ => by_content(draft, kind, wished, content),
    }
}

/// Its content is made with the deploy: until then whatever stands for it stays, under the name that is used.
fn unknown<'a>(draft: &mut Draft<'a>, kind: Thing, wished: &'a WishedPart) {
    let mut standing = earlier(draft, kind, wished);
    standing.extend(draft.truth.named(kind, &wished.name));
    for live in &standing {
        draft.keep(kind, name_of(live), live);
    }
    let is_used = |live: &&&Value| !draft.truth.users_of(kind, id_of(live)).is_empty();
    match standing.iter().find(is_used).or(standing.last()) {
        None => create(draft, kind, wished, &wished.name, ""),
        Some(live) => _ = draft.renamed.insert((kind, &wished.name), name_of(live).to_owned()),
    }
}

/// The plain name does not hold what is wished: perhaps the name with the content's mark does.
fn by_content<'a>(draft: &mut Draft<'a>, kind: Thing, wished: &'a WishedPart, plain: Option<Content>) {
    let earlier: Vec<&'a Value> = earlier(draft, kind, wished);
    let wanted = marked_name(wished);
    if let Some(live) = wanted.as_deref().and_then(|name| earlier.iter().find(|live| name_of(live) == name)) {
        draft.renamed.insert((kind, &wished.name), name_of(live).to_owned());
        return found(draft, kind, wished, live);
    }
    let Some(name) = wanted.filter(|_| plain.is_some() || !earlier.is_empty()) else {
        if plain.is_some() {
            return draft.fault(changed(draft, kind, wished, false));
        }
        return create(draft, kind, wished, &wished.name, "");
    };
    if !draft.options.rotate {
        return draft.fault(changed(draft, kind, wished, true));
    }
    draft.renamed.insert((kind, &wished.name), name.clone());
    let why = match plain {
        Some(Content::Unknown) => format!("what {} holds cannot be compared", wished.name),
        _ => format!("{} holds something else now", wished.name),
    };
    create(draft, kind, wished, &name, &why);
}

/// What stands in the swarm with the wished content: only its labels can differ.
fn found<'a>(draft: &mut Draft<'a>, kind: Thing, wished: &'a WishedPart, live: &'a Value) {
    outdate(draft, kind, wished, name_of(live));
    let empty = Map::new();
    let (old, new) = (labels_of(live).unwrap_or(&empty), wished_labels(wished));
    let fields = label_fields(old, &new, &draft.wish.hidden);
    if fields.is_empty() {
        return draft.keep(kind, name_of(live), live);
    }
    let mut labels = new;
    labels.extend(old.iter().filter(|(key, _)| key.starts_with(OURS)).map(|(key, value)| (key.clone(), value.clone())));
    let mut body = live.get("Spec").cloned().unwrap_or_else(|| json!({}));
    if let Some(body) = body.as_object_mut() {
        body.insert("Labels".to_owned(), Value::Object(labels));
    }
    draft.update(Change { effect: Effect::InPlace, fields, ..Change::none(kind, name_of(live)) }, live, body);
}

fn create<'a>(draft: &mut Draft<'a>, kind: Thing, wished: &'a WishedPart, name: &str, why: &str) {
    outdate(draft, kind, wished, name);
    let mut body = wished.body.clone();
    let mut labels = wished_labels(wished);
    if draft.options.marks {
        if let (Thing::Secret, Some(payload)) = (kind, &wished.payload) {
            labels.insert(CONTENT.to_owned(), json!(fingerprint(&wished.name, payload)));
        }
        if name != wished.name {
            labels.insert(ROTATES.to_owned(), json!(wished.name));
        }
    }
    if let Some(body) = body.as_object_mut() {
        body.insert("Name".to_owned(), json!(name));
        body.insert("Labels".to_owned(), Value::Object(labels));
    }
    let payload = wished.payload.as_ref().map(|_| wished.key.clone());
    draft.create(Change { why: why.to_owned(), ..Change::none(kind, name) }, body, payload);
}

/// Other contents of the same thing go at the end, if the operator rotates: nobody of this stack uses them then.
fn outdate<'a>(draft: &mut Draft<'a>, kind: Thing, wished: &'a WishedPart, current: &str) {
    let mut others = earlier(draft, kind, wished);
    others.extend(draft.truth.named(kind, &wished.name));
    for other in others {
        if name_of(other) != current && stack_of(other) == Some(draft.wish.stack.as_str()) {
            draft.outdated.push((kind, other));
        }
    }
}

/// Objects that stand for this one under names with a mark.
fn earlier<'a>(draft: &Draft<'a>, kind: Thing, wished: &WishedPart) -> Vec<&'a Value> {
    let truth = draft.truth;
    let stands =
        |live: &&Value| label(live, ROTATES) == Some(&wished.name) && stack_of(live) == Some(&draft.wish.stack);
    truth.all(kind).iter().filter(stands).collect()
}

/// The live object with the wished content under a name with its mark.
fn rotated<'a>(draft: &Draft<'a>, kind: Thing, wished: &WishedPart) -> Option<&'a Value> {
    let earlier = earlier(draft, kind, wished);
    // The mark is slow to compute, and most stacks were never rotated.
    let name = if earlier.is_empty() { None } else { marked_name(wished) }?;
    earlier.into_iter().find(|live| name_of(live) == name)
}

fn marked_name(wished: &WishedPart) -> Option<String> {
    let mark = fingerprint(&wished.name, wished.payload.as_ref()?);
    let mark = mark.get(..8)?;
    let room = LONGEST_NAME - mark.len() - 1;
    Some(format!("{}_{mark}", wished.name.get(..room).unwrap_or(&wished.name)))
}

fn content(kind: Thing, live: &Value, wished: &WishedPart) -> Content {
    for key in ["Driver", "Templating"] {
        let said = |value: Option<&Value>| value.filter(|value| !value.is_null()).cloned();
        if said(live.pointer(&format!("/Spec/{key}"))) != said(wished.body.get(key)) {
            return Content::Another;
        }
    }
    let Some(payload) = &wished.payload else { return Content::Same };
    let known = match kind {
        Thing::Config => {
            let data = live.pointer("/Spec/Data").and_then(Value::as_str).unwrap_or_default();
            STANDARD.decode(data).ok().map(|data| *data == **payload.0)
        }
        _ => label(live, CONTENT).map(|mark| mark == fingerprint(&wished.name, payload)),
    };
    known.map_or(Content::Unknown, |same| if same { Content::Same } else { Content::Another })
}

fn wished_labels(wished: &WishedPart) -> Map<String, Value> {
    wished.body.get("Labels").and_then(Value::as_object).cloned().unwrap_or_default()
}

/// Labels that differ, ours aside.
pub(super) fn label_fields(old: &Map<String, Value>, new: &Map<String, Value>, hidden: &Secrets) -> Vec<Field> {
    let others = |labels: &Map<String, Value>| -> Map<String, Value> {
        labels
            .iter()
            .filter(|(key, _)| !key.starts_with(OURS))
            .map(|(key, value)| (key.clone(), value.clone()))
            .collect()
    };
    let (old, new) = (json!({"Labels": others(old)}), json!({"Labels": others(new)}));
    super::fields::differences(Some(&old), Some(&new), hidden)
}

/// What the engine would refuse.
fn impossible(draft: &Draft<'_>, kind: Thing, wished: &WishedPart) -> Option<Diagnostic> {
    let limit = if kind == Thing::Secret { 500 * 1024 } else { 1000 * 1024 };
    let size = wished.payload.as_ref().map(|payload| payload.0.len())?;
    if size > 0 && size < limit {
        return None;
    }
    let what = if size == 0 { "is empty".to_owned() } else { format!("has {size} bytes") };
    let mend = if size == 0 { "put something into its file" } else { "mount a volume instead" };
    let fault = Diagnostic::new(format!("the {} {} {what}", kind.word(), wished.name), mend);
    Some(fault.because(format!("the engine takes from 1 to {} bytes", limit - 1)).at(draft.place(wished.place)))
}

fn changed(draft: &Draft<'_>, kind: Thing, wished: &WishedPart, can_rotate: bool) -> Diagnostic {
    let mend = if can_rotate && draft.options.marks {
        "add --rotate: it is made anew under a name with its content's mark, and the services that use it follow"
    } else {
        "give it another `name:` in the file, as in name: web_conf_2"
    };
    Diagnostic::new(format!("the {} {} has another content now", kind.word(), wished.name), mend)
        .because("the swarm keeps the content of a secret or config as it was made")
        .at(draft.place(wished.place))
}

fn cannot_compare(draft: &mut Draft<'_>, kind: Thing, wished: &WishedPart) {
    if wished.payload.is_none() {
        return;
    }
    let said = Diagnostic::new(
        format!("whether the {} {} holds what its file holds cannot be compared", kind.word(), wished.name),
        "if its file has changed, deploy with --rotate",
    );
    let place = draft.place(wished.place);
    draft.warn(said.because("the swarm never shows a secret, and this one bears no mark of its content").at(place));
}
