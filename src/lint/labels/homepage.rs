//! Labels for the dashboard Homepage.

use crate::diag::Finding;
use crate::lint::stack::Scene;
use crate::platform::{nearest, rules};

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

/// Fields that it does not know, and services that it does not show.
pub fn fields(scene: &Scene<'_>, findings: &mut Vec<Finding>) {
    for (stack, service) in scene.services() {
        let who = format!("{} of {}", service.key, stack.name());
        let fields: Vec<_> = service
            .labels
            .iter()
            .filter_map(|label| Some((label.key.strip_prefix("homepage.")?, label)))
            // What is meant for one of several dashboards is read in the same way.
            .map(|(rest, label)| {
                (
                    rest.strip_prefix("instance.").and_then(|rest| rest.split_once('.')).map_or(rest, |(_, rest)| rest),
                    label,
                )
            })
            .collect();
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
