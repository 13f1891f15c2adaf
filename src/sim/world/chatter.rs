//! When containers write and how a line is filled in. What they say is in the voices.

use std::time::Duration;

use super::ids::Rng;
use super::task::State;
use super::voices::Voice;
use super::{Id, Timer, World, text};
use crate::sim::behaviour::{Behaviour, plain_image};

const PATHS: &[&str] = &[
    "/",
    "/api/v3/queue",
    "/api/v3/series",
    "/web/index.html",
    "/favicon.ico",
    "/metrics",
    "/login?next=/",
    "/library/sections",
];
const SHOWS: &[&str] = &["The Expanse", "Das Boot", "Poldark", "Black Sails", "Hornblower", "Captain Blood"];

/// What stands for the marks of a template.
struct Filling<'a> {
    time: &'a str,
    service: &'a str,
    image: &'a str,
}

const MARKS: [&str; 9] = ["{n}", "{ms}", "{ip}", "{path}", "{show}", "{time}", "{e}", "{service}", "{image}"];

fn fill(template: &str, rng: &mut Rng, with: &Filling<'_>) -> String {
    let mut out = String::with_capacity(template.len() + 24);
    let mut rest = template;
    while let Some(at) = rest.find('{') {
        let (before, from) = rest.split_at(at);
        out.push_str(before);
        let Some(mark) = MARKS.iter().find(|mark| from.starts_with(**mark)) else {
            out.push('{');
            rest = from.get(1..).unwrap_or("");
            continue;
        };
        match *mark {
            "{n}" => out.push_str(&rng.between(1, 9).to_string()),
            "{ms}" => out.push_str(&rng.between(11, 99).to_string()),
            "{ip}" => out.push_str(&format!("198.51.100.{}", rng.between(2, 250))),
            "{path}" => out.push_str(rng.pick(PATHS).unwrap_or(&"/")),
            "{show}" => out.push_str(rng.pick(SHOWS).unwrap_or(&"Poldark")),
            "{e}" => out.push('\u{1b}'),
            "{service}" => out.push_str(with.service),
            "{image}" => out.push_str(with.image),
            _ => out.push_str(with.time),
        }
        rest = from.get(mark.len()..).unwrap_or("");
    }
    out.push_str(rest);
    out
}

impl World {
    /// What a container says when it starts.
    pub(super) fn first_words(&mut self, id: &Id) {
        if let Some((voice, service, image)) = self.speaker(id) {
            self.speak(id, voice.first, &service, &image);
        }
    }

    /// The next line of a running container, and the moment of the one after.
    pub(super) fn write_line(&mut self, id: &Id) {
        let Some(task) = self.tasks.get(id).filter(|t| t.state == State::Running) else { return };
        let up = task.node.as_ref().and_then(|n| self.nodes.get(n)).is_some_and(|n| n.up);
        let Some((voice, service, image)) = self.speaker(id) else { return };
        if up {
            let from = if self.rng.between(0, 9) < 7 { voice.usual } else { voice.seldom };
            if let Some(template) = self.rng.pick(from).copied() {
                self.speak(id, template, &service, &image);
            }
        }
        let next = match self.behaviour(&image) {
            Behaviour::Chatty(pace) => pace.max(Duration::from_millis(1)),
            _ => self.millis(voice.pace.0, voice.pace.1),
        };
        self.at(self.now + next, Timer::Line(id.clone()));
    }

    /// How a container writes, the name of its service within the stack, and its image.
    fn speaker(&self, id: &Id) -> Option<(&'static Voice, String, String)> {
        let task = self.tasks.get(id)?;
        let service = task.service_name.split_once('_').map_or(task.service_name.as_str(), |(_, short)| short);
        let image = plain_image(text(&task.spec, "/ContainerSpec/Image"));
        Some((Voice::of(service, &image), service.to_owned(), image))
    }

    fn speak(&mut self, id: &Id, template: &str, service: &str, image: &str) {
        let time = self.now.strftime("%Y-%m-%d %H:%M:%S").to_string();
        let line = fill(template, &mut self.rng, &Filling { time: &time, service, image });
        let (stderr, line) = line.strip_prefix('!').map_or((false, line.as_str()), |line| (true, line));
        self.say(id, stderr, line.to_owned());
    }
}

#[cfg(test)]
mod tests {
    use super::super::voices::{APP, VOICES};
    use super::*;

    #[test]
    fn every_template_is_filled_to_the_end() {
        let mut rng = Rng::new(1);
        for voice in VOICES.iter().chain([&APP]) {
            for template in [voice.first].iter().chain(voice.usual).chain(voice.seldom) {
                let line = fill(template, &mut rng, &Filling { time: "12:00", service: "web", image: "nginx" });
                assert!(MARKS.iter().all(|mark| !line.contains(mark)), "{line}");
            }
        }
    }

    #[test]
    fn a_program_is_known_by_its_service_or_its_image() {
        for (service, image, first) in [
            ("postgres", "postgres:17.5-alpine", "{time} UTC"),
            ("provision", "postgres:17.5-alpine", "waiting"),
            ("secrets", "1password/op:2.31.1", "op-inject"),
            ("server", "ghcr.io/goauthentik/server:2025.8.4", r#"{"event""#),
            ("web", "nginx:1.27", "INFO"),
        ] {
            assert!(Voice::of(service, image).first.starts_with(first), "{service} {image}");
        }
    }
}
