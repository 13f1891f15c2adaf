//! Networks: they are made and removed, and never changed. What differs is told, and stays as it is.

use serde_json::{Map, Value, json};

use super::change::{Change, Field, Thing};
use super::draft::Draft;
use super::fields::differences;
use super::parts::label_fields;
use super::truth::{labels_of, stack_of};
use crate::diag::Diagnostic;
use crate::model::secret::Secrets;
use crate::stack::WishedPart;

/// What the engine itself writes into the options of a network.
const GIVEN: &str = "com.docker.network.driver.overlay.vxlanid_list";

/// One wished network.
pub(super) fn network<'a>(draft: &mut Draft<'a>, wished: &'a WishedPart) {
    let Some(live) = draft.truth.named(Thing::Network, &wished.name) else {
        return draft.create(Change::none(Thing::Network, &wished.name), wished.body.clone(), None);
    };
    if stack_of(live) != Some(draft.wish.stack.as_str()) {
        let whose = stack_of(live).map_or("no stack".to_owned(), |stack| format!("the stack {stack}"));
        let fault = Diagnostic::new(
            format!("the network {} is there already and belongs to {whose}", wished.name),
            "give it another name, or mark it `external: true` to use it",
        );
        return draft.fault(fault.at(draft.place(wished.place)));
    }
    draft.keep(Thing::Network, &wished.name, live);
    let fields = stays_different(live, wished, &draft.wish.hidden);
    if fields.is_empty() {
        return;
    }
    let names: Vec<&str> = fields.iter().map(|field| field.path.as_str()).collect();
    let said = Diagnostic::new(
        format!("the network {} stays as it is, although its file says otherwise", wished.name),
        "give it another name, or tear the stack down and deploy it again",
    );
    let said =
        said.because(format!("different: {}", names.join(", "))).because("the swarm changes no network that is there");
    let place = draft.place(wished.place);
    draft.warn(said.at(place));
    if let Some(change) = draft.drawn.plan.changes.last_mut() {
        change.fields = fields;
        "the swarm changes no network that is there".clone_into(&mut change.why);
    }
}

/// What is wished otherwise than it is. What the file leaves open is the engine's to choose.
fn stays_different(live: &Value, wished: &WishedPart, hidden: &Secrets) -> Vec<Field> {
    let empty = Map::new();
    let body = &wished.body;
    let map = |value: Option<&Value>| value.and_then(Value::as_object).cloned().unwrap_or_default();
    let flag = |value: &Value, key: &str| json!(value.get(key).and_then(Value::as_bool).unwrap_or(false));
    let word = |value: Option<&Value>, or: &str| match value.and_then(Value::as_str) {
        None | Some("") => json!(or),
        Some(word) => json!(word),
    };
    let mut old = json!({"Driver": word(live.get("Driver"), "overlay")});
    let mut new = json!({"Driver": word(body.get("Driver"), "overlay")});
    for key in ["Internal", "Attachable", "EnableIPv6"] {
        put(&mut old, key, flag(live, key));
        put(&mut new, key, flag(body, key));
    }
    let mut given = map(live.get("Options"));
    let wanted = map(body.get("Options"));
    if !wanted.contains_key(GIVEN) {
        given.shift_remove(GIVEN);
    }
    put(&mut old, "Options", Value::Object(given));
    put(&mut new, "Options", Value::Object(wanted));
    if let Some(ipam) = body.get("IPAM").filter(|ipam| ipam.is_object()) {
        put(&mut old, "IPAM.Driver", word(live.pointer("/IPAM/Driver"), "default"));
        put(&mut new, "IPAM.Driver", word(ipam.get("Driver"), "default"));
        if let Some(subnets) = subnets(ipam) {
            put(&mut old, "IPAM.Config", live.get("IPAM").and_then(self::subnets).unwrap_or_default());
            put(&mut new, "IPAM.Config", subnets);
        }
    }
    let mut fields = differences(Some(&old), Some(&new), hidden);
    let labels = body.get("Labels").and_then(Value::as_object).unwrap_or(&empty);
    fields.extend(label_fields(labels_of(live).unwrap_or(&empty), labels, hidden));
    fields
}

fn put(object: &mut Value, key: &str, value: Value) {
    if let Some(map) = object.as_object_mut() {
        map.insert(key.to_owned(), value);
    }
}

fn subnets(ipam: &Value) -> Option<Value> {
    let list = ipam.get("Config")?.as_array()?;
    let subnets: Vec<&Value> = list.iter().filter_map(|one| one.get("Subnet")).collect();
    (!subnets.is_empty()).then(|| json!(subnets))
}
