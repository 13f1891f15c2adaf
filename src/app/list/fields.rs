//! What `tier:`, `state:` and the like look at, asked of the picture only when such a filter is set.

use super::Row;
use crate::action::Board;
use crate::app::Subject;
use crate::model::{NodeId, Picture, Service, ServiceId, StackHealth};

/// Whether any value of the field of what the row stands for passes the test.
pub fn any(field: &str, row: &Row, (picture, board): (&Picture, &Board), test: &dyn Fn(&str) -> bool) -> bool {
    if field == "state"
        && (test(row.state.word())
            || row.cells.iter().any(|cell| matches!(cell, super::Cell::State(_, word) if test(word))))
    {
        return true;
    }
    match &row.subject {
        Subject::Node(id) => of_node(field, id, picture, test),
        Subject::Service(id) => picture.swarm.services.get(id).is_some_and(|service| {
            let nodes = picture.health(id).map(|health| health.nodes.as_slice()).unwrap_or_default();
            of_service(field, service, picture, test) || on_nodes(field, nodes, picture, test)
        }),
        Subject::Task(service, _) => {
            (match field {
                "name" | "stack" | "tier" | "service" => {
                    picture.swarm.services.get(service).is_some_and(|s| of_service(field, s, picture, test))
                }
                "image" => picture.swarm.services.get(service).is_some_and(|s| test(&s.image)),
                _ => false,
            }) || on_nodes(field, row.node.as_slice(), picture, test)
        }
        Subject::Stack(name) => picture.stack(name).is_some_and(|stack| of_stack(field, stack, picture, test)),
        Subject::Job(id) | Subject::Step(id, _) => {
            field == "name" && board.job(*id).is_some_and(|job| test(&job.action.title()))
        }
        Subject::Leg(_, tier) if field == "tier" => test(tier.name()),
        Subject::Course(id) | Subject::Leg(id, _) => {
            field == "name"
                && board.course(*id).next().and_then(|job| job.course.as_ref()).is_some_and(|c| test(&c.title))
        }
        // Its first cell says what, the last one who and from which commit.
        Subject::Deed(_) => {
            matches!(field, "name" | "stack" | "node") && row.cells.iter().filter_map(super::Cell::text).any(test)
        }
        Subject::Event(_) | Subject::Finding(..) => {
            field == "name" && row.cells.iter().filter_map(super::Cell::text).any(test)
        }
        Subject::Tier(tier) => field == "tier" && test(tier.name()),
        Subject::Container(node, _)
        | Subject::Volume(node, _)
        | Subject::Image(node, _)
        | Subject::Holding(node, ..)
        | Subject::Line(node, _) => {
            (matches!(field, "name" | "image") && row.cells.iter().filter_map(super::Cell::text).any(test))
                || on_nodes(field, std::slice::from_ref(node), picture, test)
        }
        Subject::Quorum | Subject::Message(_) | Subject::Trodden(..) => false,
    }
}

fn of_node(field: &str, id: &NodeId, picture: &Picture, test: &dyn Fn(&str) -> bool) -> bool {
    let Some(node) = picture.swarm.nodes.get(id) else { return false };
    match field {
        "name" | "node" => test(&node.hostname),
        "role" => test(node.role.as_str()) || (node.is_leader() && test("leader")),
        "state" => test(node.state.as_str()) || test(node.availability.as_str()),
        "stack" => picture.nodes.get(id).is_some_and(|load| load.stacks.iter().any(|stack| test(stack))),
        "tier" => picture
            .nodes
            .get(id)
            .is_some_and(|load| load.stacks.iter().any(|stack| test(picture.catalogue.tier_of(stack).name()))),
        _ => false,
    }
}

fn of_service(field: &str, service: &Service, picture: &Picture, test: &dyn Fn(&str) -> bool) -> bool {
    let stack = service.stack.as_deref().unwrap_or_default();
    match field {
        "name" | "service" => test(&service.name),
        "stack" => test(stack),
        "tier" => test(picture.catalogue.tier_of(stack).name()),
        "image" => test(&service.image),
        _ => false,
    }
}

fn of_stack(field: &str, stack: &StackHealth, picture: &Picture, test: &dyn Fn(&str) -> bool) -> bool {
    let services = || stack.services.iter().filter_map(|id: &ServiceId| picture.swarm.services.get(id));
    match field {
        "name" | "stack" => test(&stack.name),
        "tier" => test(stack.tier.name()),
        "service" => services().any(|service| test(&service.name)),
        "image" => services().any(|service| test(&service.image)),
        _ => on_nodes(field, &stack.nodes, picture, test),
    }
}

fn on_nodes(field: &str, nodes: &[NodeId], picture: &Picture, test: &dyn Fn(&str) -> bool) -> bool {
    let mut nodes = nodes.iter().filter_map(|id| picture.swarm.nodes.get(id));
    match field {
        "node" => nodes.any(|node| test(&node.hostname)),
        "role" => nodes.any(|node| test(node.role.as_str())),
        _ => false,
    }
}
