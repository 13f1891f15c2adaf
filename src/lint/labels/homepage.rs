//! Labels for the dashboard Homepage.

use std::collections::BTreeMap;

use super::{caddy_block, traefik};
use crate::diag::{Finding, Spot};
use crate::lint::service::{Label, Service};
use crate::lint::stack::Scene;
use crate::platform::{Tile, nearest, rules};

/// What a service on the dashboard can say.
const FIELDS: [&str; 17] = [
    "group",
    "name",
    "icon",
    "href",
    "description",
    "weight",
    "widget",
    "widgets",
    "ping",
    "siteMonitor",
    "statusStyle",
    "showStats",
    "target",
    "id",
    "server",
    "container",
    "instance",
];

/// The program itself, which has no tile on its own page.
const DASHBOARD: &str = "homepage";
/// What makes a whole tile.
const WHOLE: [&str; 5] = ["group", "name", "icon", "href", "description"];

/// Fields that it does not know, and services that it does not show.
pub fn fields(scene: &Scene<'_>, findings: &mut Vec<Finding>) {
    for (stack, service) in scene.services() {
        let who = stack.own(service);
        let fields = said(service);
        for (field, label) in &fields {
            let first = field.split(['.', '[']).next().unwrap_or_default();
            if !FIELDS.contains(&first) {
                let what = format!("Homepage does not know `{first}`, which {who} says");
                let mend = nearest(first, &FIELDS)
                    .map_or("take it away".to_owned(), |near| format!("write `homepage.{near}`"));
                findings.push(rules::HOMEPAGE_FIELD.broken(label.spot.clone(), what, mend));
            }
        }
        let Some((_, first)) = fields.first() else { continue };
        let missing: Vec<&str> =
            ["group", "name"].into_iter().filter(|field| !fields.iter().any(|(said, _)| said == field)).collect();
        if !missing.is_empty() {
            let what = format!("{who} says no {} for the dashboard", missing.join(" and no "));
            let mend = format!(
                "add {}",
                missing.iter().map(|field| format!("homepage.{field}")).collect::<Vec<_>>().join(" and ")
            );
            findings.push(rules::HOMEPAGE_HIDDEN.broken(first.spot.clone(), what, mend));
        }
    }
}

/// What a service says for the dashboard. What is meant for one of several dashboards is read in the same way.
fn said(service: &Service) -> Vec<(&str, &Label)> {
    let fields = service.labels.iter().filter_map(|label| {
        let rest = label.key.strip_prefix("homepage.")?;
        let own = rest.strip_prefix("instance.").and_then(|rest| rest.split_once('.'));
        Some((own.map_or(rest, |(_, rest)| rest), label))
    });
    fields.collect()
}

/// Services with a page of their own that the dashboard shows in part or not at all, where the folder has such labels.
pub fn gaps(scene: &Scene<'_>, findings: &mut Vec<Finding>) {
    if !scene.services().any(|(_, service)| !said(service).is_empty()) {
        return;
    }
    for (stack, service) in scene.services().filter(|(_, service)| service.program() != DASHBOARD) {
        let Some(spot) = page_of(service) else { continue };
        let fields = said(service);
        let missing: Vec<String> = WHOLE
            .iter()
            .filter(|field| !fields.iter().any(|(said, _)| said == *field))
            .map(|field| format!("homepage.{field}"))
            .collect();
        if !missing.is_empty() {
            let what = format!("{} of {} lacks {}", service.key, stack.name(), missing.join(", "));
            let mend = "add them, or nothing if nobody opens the page from the dashboard";
            findings.push(rules::HOMEPAGE_GAPS.broken(spot.clone(), what, mend));
        }
    }
}

/// Where a service says that it has a page of its own.
fn page_of(service: &Service) -> Option<&Spot> {
    let routers = if traefik::is_enabled(service) { traefik::routers_of(service) } else { Vec::new() };
    let rule =
        routers.iter().filter(|router| router.kind == "http").find_map(|router| router.said.get("rule").copied());
    let leads = |block: &str| {
        let labels = service.labels.iter().filter(|label| label.value.contains("{{"));
        labels
            .filter_map(|label| caddy_block(&label.key))
            .any(|(own, rest)| own == block && rest.contains("reverse_proxy"))
    };
    let is_site = |label: &&Label| caddy_block(&label.key).is_some_and(|(block, rest)| rest.is_empty() && leads(block));
    rule.or_else(|| service.labels.iter().find(is_site)).map(|label| &label.spot)
}

/// Labels against `services.yaml`, where that holds most of what labels say: then it is meant to be the same list.
pub fn tiles(scene: &Scene<'_>, findings: &mut Vec<Finding>) {
    let labelled: BTreeMap<String, &Label> = scene
        .services()
        .flat_map(|(_, service)| said(service))
        .filter(|(field, _)| *field == "name")
        .map(|(_, label)| (bare(&label.value), label))
        .collect();
    let listed: BTreeMap<String, &Tile> =
        scene.folder.depth.tiles.iter().map(|tile| (bare(&tile.name), tile)).collect();
    let both = labelled.keys().filter(|name| listed.contains_key(*name)).count();
    if both * 2 <= labelled.len() {
        return;
    }
    for (_, label) in labelled.iter().filter(|(name, _)| !listed.contains_key(*name)) {
        let what = format!("{} has labels for Homepage and stands in no services.yaml", label.value);
        let mend = "add it there too, or let the labels alone make the dashboard";
        findings.push(rules::HOMEPAGE_TILES.broken(label.spot.clone(), what, mend));
    }
    // A tile for what is no service of the folder, such as a router, can have no labels.
    let own =
        |name: &str| scene.services().any(|(stack, service)| name == bare(&service.key) || name == bare(stack.name()));
    for (_, tile) in listed.iter().filter(|(name, _)| !labelled.contains_key(*name) && own(name)) {
        let what = format!("{} stands in services.yaml, and its service has no labels for Homepage", tile.name);
        let mend = "give it labels too, or let services.yaml alone make the dashboard";
        findings.push(rules::HOMEPAGE_TILES.broken(tile.spot.clone(), what, mend));
    }
}

/// A name by its letters and digits alone.
fn bare(name: &str) -> String {
    name.to_lowercase().chars().filter(|c| c.is_alphanumeric()).collect()
}
