//! Published ports that two services want. A port of the ingress belongs to one service in the whole swarm; a port of
//! the host is taken on one node at a time, which only the scheduler can know.

use serde_json::Value;

use super::change::Thing;
use super::draft::Draft;
use super::truth::{name_of, stack_of, text};
use crate::diag::Diagnostic;
use crate::stack::WishedService;

#[derive(Debug, Clone, PartialEq, Eq)]
struct Port {
    number: u64,
    protocol: String,
    on_host: bool,
}

impl Port {
    fn all(list: Option<&Value>) -> Vec<Port> {
        let ports = list.and_then(Value::as_array).into_iter().flatten();
        ports
            .map(|port| Port {
                number: port.get("PublishedPort").and_then(Value::as_u64).unwrap_or(0),
                protocol: Some(text(port, "/Protocol")).filter(|word| !word.is_empty()).unwrap_or("tcp").to_owned(),
                on_host: text(port, "/PublishMode") == "host",
            })
            .filter(|port| port.number > 0)
            .collect()
    }

    fn meets(&self, other: &Port) -> bool {
        (self.number, &self.protocol) == (other.number, &other.protocol)
    }
}

/// Ports of one wished service that others have.
pub(super) fn ports(draft: &mut Draft<'_>, wished: &WishedService) {
    let wanted = Port::all(wished.body.pointer("/EndpointSpec/Ports"));
    let truth = draft.truth;
    let others: Vec<&Value> =
        truth.services.iter().filter(|live| name_of(live) != wished.name && stays(draft, live)).collect();
    for live in others {
        // What the engine gave out counts as much as what was asked for.
        let mut taken = Port::all(live.pointer("/Endpoint/Ports"));
        taken.extend(Port::all(live.pointer("/Spec/EndpointSpec/Ports")));
        told(draft, wished, &wanted, name_of(live), &taken);
    }
    let wish = draft.wish;
    let before = wish.services.iter().take_while(|other| other.name != wished.name);
    for other in before {
        told(draft, wished, &wanted, &other.name, &Port::all(other.body.pointer("/EndpointSpec/Ports")));
    }
}

/// A live service that is not of this stack. What is of this stack is judged by what is wished of it; what the file no
/// longer has goes last, so that its ports are taken until then.
fn stays(draft: &Draft<'_>, live: &Value) -> bool {
    stack_of(live) != Some(draft.wish.stack.as_str())
        || !draft.wish.services.iter().any(|service| service.name == name_of(live))
}

fn told(draft: &mut Draft<'_>, wished: &WishedService, wanted: &[Port], other: &str, taken: &[Port]) {
    for port in wanted {
        let Some(theirs) = taken.iter().find(|theirs| theirs.meets(port)) else { continue };
        let name = format!("{}/{}", port.number, port.protocol);
        let place = draft.place(wished.place);
        if port.on_host && theirs.on_host {
            let said = Diagnostic::new(
                format!("{} and {other} both publish port {name} on the host", wished.name),
                "keep them apart with placement constraints, or give one of them another port",
            );
            draft.warn(said.because("two of them cannot run on one node").at(place));
        } else {
            let fault = Diagnostic::new(
                format!("{} wants port {name}, which {other} has", wished.name),
                "publish it under another port, or remove the other service first",
            );
            draft.fault(fault.because("a port of the ingress belongs to one service in the whole swarm").at(place));
        }
    }
}

/// Services of this stack that have a port of this one now and are to give it up: they go first.
pub(super) fn freed_by(draft: &Draft<'_>, wished: &WishedService) -> Vec<String> {
    let wanted = Port::all(wished.body.pointer("/EndpointSpec/Ports"));
    let meets = |ports: Option<&Value>| Port::all(ports).iter().any(|port| wanted.iter().any(|mine| mine.meets(port)));
    let others = draft.wish.services.iter().filter(|other| other.name != wished.name);
    let gives_up = |other: &&WishedService| {
        let live = draft.truth.named(Thing::Service, &other.name);
        meets(live.and_then(|live| live.pointer("/Spec/EndpointSpec/Ports")))
            && !meets(other.body.pointer("/EndpointSpec/Ports"))
    };
    others.filter(gives_up).map(|other| other.name.clone()).collect()
}
