//! Changes from outside: services, nodes and deeds. Every change bumps the index and tells of itself.

use std::sync::Arc;
use std::time::Duration;

use serde_json::{Map, Value, json};

use super::check::{check_service, fill_defaults};
use super::orchestra::{image_of, or_object};
use super::refusal::{Answer, Refusal};
use super::service::{Mode, Service, port_key};
use super::task::State;
use super::{Id, World, list, number, stamp, text};
use crate::sim::behaviour::plain_image;
use crate::sim::deed::Deed;

impl World {
    /// A new service. Gives its id.
    pub(crate) fn create_service(&mut self, mut spec: Value) -> Answer<Id> {
        if text(&spec, "/Name").is_empty() {
            self.names_given += 1;
            let name = format!("nameless_{}", self.names_given);
            if let Some(map) = spec.as_object_mut() {
                map.insert("Name".into(), json!(name));
            }
        }
        check_service(self, &spec, None)?;
        let name = text(&spec, "/Name").to_owned();
        if self.services.values().any(|s| s.name == name) {
            return Err(Refusal::exists(&format!("name conflicts with an existing object: service {name}")));
        }
        let (id, index) = (self.rng.id(), self.bump());
        let service = Service {
            id: id.clone(),
            name: name.clone(),
            index,
            created: self.now,
            updated: self.now,
            spec: Value::Null,
            previous: None,
            template: Arc::default(),
            labels: Arc::default(),
            endpoint: Arc::default(),
            attachments: Arc::default(),
            virtual_ips: Vec::new(),
            given_ports: Default::default(),
            mode: Mode::Replicated(1),
            update: None,
            updater: None,
            iteration: 0,
            last_run: self.now,
            restarts: Default::default(),
        };
        self.services.insert(id.clone(), service);
        fill_defaults(self, &mut spec);
        self.adopt_spec(&id, spec);
        self.tell("service", "create", &id, &[("name", name)]);
        self.dirty.insert(id.clone());
        Ok(id)
    }

    /// Changes a service, or takes it back to its previous spec.
    pub(crate) fn update_service(&mut self, id: &Id, mut spec: Value, version: u64, back: bool) -> Answer<()> {
        let Some(service) = self.services.get(id) else { return Err(Refusal::missing("service", id)) };
        if service.index != version {
            return Err(Refusal::out_of_sequence());
        }
        if back {
            let Some(previous) = service.previous.clone() else {
                return Err(Refusal::precondition(format!("service {} does not have a previous spec", service.id)));
            };
            spec = previous;
        } else {
            if text(&spec, "/Name") != service.name {
                return Err(Refusal::unimplemented("renaming services is not supported"));
            }
            check_service(self, &spec, Some(id))?;
            if std::mem::discriminant(&Mode::of(&spec)) != std::mem::discriminant(&service.mode) {
                return Err(Refusal::unimplemented("service mode change is not allowed"));
            }
            fill_defaults(self, &mut spec);
        }
        let Some(service) = self.services.get(id) else { return Err(Refusal::missing("service", id)) };
        let (old, old_mode, name) = (service.spec.clone(), service.mode, service.name.clone());
        // Swarm runs a job again on every update, whether anything changed or not.
        let job_runs_again = service.mode.is_job();
        let index = self.bump();
        let now = self.now;
        if let Some(service) = self.services.get_mut(id) {
            service.previous = Some(old.clone());
            service.update = None;
            service.updater = None;
            (service.index, service.updated) = (index, now);
            if job_runs_again {
                service.iteration += 1;
                service.last_run = now;
                service.restarts.clear();
            }
        }
        self.adopt_spec(id, spec);
        let mut attributes = vec![("name", name)];
        let new = self.services.get(id).map(|s| (s.mode, image_of(&s.spec).to_owned()));
        if let Some((mode, image)) = new {
            if let (Mode::Replicated(a), Mode::Replicated(b)) = (old_mode, mode)
                && a != b
            {
                attributes.push(("replicas.new", b.to_string()));
                attributes.push(("replicas.old", a.to_string()));
            }
            if image != image_of(&old) {
                attributes.push(("image.new", image));
                attributes.push(("image.old", image_of(&old).to_owned()));
            }
        }
        self.tell("service", "update", id, &attributes);
        if back {
            self.set_update(id, "rollback_started", "manually requested rollback");
        }
        self.dirty.insert(id.clone());
        Ok(())
    }

    /// Takes over a spec that was found good, and all that follows from it alone.
    pub(super) fn adopt_spec(&mut self, id: &Id, spec: Value) {
        let endpoint = or_object(spec.get("EndpointSpec"));
        let networks: Vec<String> =
            list(&spec, "/TaskTemplate/Networks").iter().map(|n| text(n, "/Target").to_owned()).collect();
        let mut attachments = Vec::new();
        let mut vips = Vec::new();
        let vip_mode = text(&endpoint, "/Mode") != "dnsrr";
        let publishes = list(&endpoint, "/Ports").iter().any(|p| text(p, "/PublishMode") != "host");
        let ingress = self.networks.values().find(|n| n.ingress).map(|n| n.id.clone()).filter(|_| publishes);
        for target in networks.into_iter().chain(ingress) {
            let Some(network) = self.networks.get(&target) else { continue };
            let (n, name, scope) = (network.subnet.unwrap_or(0), network.name.clone(), network.scope.clone());
            attachments.push(json!({
                "Network": {"ID": target, "Version": {"Index": 11}, "CreatedAt": stamp(network.created), "UpdatedAt": stamp(network.created),
                    "Spec": {"Name": name, "Labels": {}, "Scope": scope}, "DriverState": {"Name": network.driver}, "IPAMOptions": {"Driver": {"Name": "default"}}},
                "Addresses": [format!("10.0.{n}.{}/24", self.rng.between(2, 250))],
            }));
            if vip_mode && network.driver == "overlay" {
                let host = self.rng.between(2, 250);
                vips.push(json!({"NetworkID": target, "Addr": format!("10.0.{n}.{host}/24")}));
            }
        }
        let used = self.services.values().flat_map(|s| s.given_ports.values().copied()).max().unwrap_or(29_999);
        let Some(service) = self.services.get_mut(id) else { return };
        let mut next = used.max(29_999) + 1;
        for port in list(&endpoint, "/Ports").iter().filter(|p| number(p, "/PublishedPort") == 0) {
            service.given_ports.entry(port_key(port)).or_insert_with(|| {
                next += 1;
                next - 1
            });
        }
        service.mode = Mode::of(&spec);
        service.template = Arc::new(or_object(spec.get("TaskTemplate")));
        service.labels = Arc::new(or_object(spec.get("Labels")));
        service.endpoint = Arc::new(endpoint);
        if vips.len() != service.virtual_ips.len() {
            service.virtual_ips = vips;
        }
        service.attachments = Arc::new(Value::Array(attachments));
        service.spec = spec;
    }

    /// Removes a service; its tasks linger until they are stopped.
    pub(crate) fn remove_service(&mut self, id: &Id) {
        let Some(service) = self.services.remove(id) else { return };
        self.bump();
        let tasks: Vec<Id> = self.tasks_of(id).map(|t| t.id.clone()).collect();
        for task in tasks {
            self.order_stop(&task, State::Remove);
        }
        self.tell("service", "remove", id, &[("name", service.name)]);
    }

    /// Changes a node's spec: role, availability, labels.
    pub(crate) fn update_node(&mut self, id: &Id, spec: Value) -> Answer<()> {
        let Some(node) = self.nodes.get(id) else { return Err(Refusal::missing("node", id)) };
        let (role, availability) = (text(&spec, "/Role").to_owned(), text(&spec, "/Availability").to_owned());
        if !["manager", "worker"].contains(&role.as_str()) {
            return Err(Refusal::bad(format!("invalid Role: {role:?}")));
        }
        if !["active", "pause", "drain"].contains(&availability.as_str()) {
            return Err(Refusal::bad(format!("invalid Availability: {availability:?}")));
        }
        let managers = self.nodes.values().filter(|n| n.is_manager()).count();
        if node.is_manager() && role == "worker" {
            if managers == 1 {
                return Err(Refusal::precondition("attempting to demote the last manager of the swarm"));
            }
            let left = self.nodes.values().filter(|n| n.is_manager() && n.up && n.id != *id).count();
            if left * 2 < managers {
                return Err(Refusal::precondition(
                    "can't remove member from the raft: this would result in a loss of quorum",
                ));
            }
        }
        let mut attributes = vec![("name", node.hostname.clone())];
        let (old_role, old_availability) = (node.role().to_owned(), node.availability().to_owned());
        for (new, old, keys) in [
            (&availability, &old_availability, ("availability.new", "availability.old")),
            (&role, &old_role, ("role.new", "role.old")),
        ] {
            if new != old {
                attributes.push((keys.0, new.clone()));
                attributes.push((keys.1, old.clone()));
            }
        }
        let index = self.bump();
        let now = self.now;
        if let Some(node) = self.nodes.get_mut(id) {
            (node.spec, node.index, node.updated) = (spec, index, now);
        }
        self.tell("node", "update", id, &attributes);
        self.lead_anew();
        if availability == "drain" && old_availability != "drain" {
            self.give_up_tasks(id, true);
        }
        self.node_changed();
        Ok(())
    }

    /// Takes a node out of the swarm.
    pub(crate) fn remove_node(&mut self, id: &Id, force: bool) -> Answer<()> {
        let Some(node) = self.nodes.get(id) else { return Err(Refusal::missing("node", id)) };
        if node.is_manager() {
            return Err(Refusal::precondition(format!(
                "node {id} is a cluster manager and is a member of the raft cluster. It must be demoted to worker before removal"
            )));
        }
        if node.up && !force {
            return Err(Refusal::precondition(format!("node {id} is not down and can't be removed")));
        }
        let name = node.hostname.clone();
        self.give_up_tasks(id, false);
        self.bump();
        self.nodes.remove(id);
        let gone: Vec<Id> = self.tasks.values().filter(|t| t.node.as_ref() == Some(id)).map(|t| t.id.clone()).collect();
        for task in gone {
            self.orphan(&task);
        }
        self.tell("node", "remove", id, &[("name", name)]);
        self.node_changed();
        Ok(())
    }

    /// Changes a service by hand, as a colleague at another keyboard would.
    pub(crate) fn edit_service(&mut self, name: &str, edit: impl FnOnce(&mut Value)) -> Answer<()> {
        let id = self.service_named(name).ok_or_else(|| Refusal::missing("service", name))?;
        let Some(service) = self.services.get(&id) else { return Err(Refusal::missing("service", name)) };
        let (mut spec, version) = (service.spec.clone(), service.index);
        edit(&mut spec);
        self.update_service(&id, spec, version, false)
    }

    /// Does what a story says.
    pub(crate) fn carry_out(&mut self, deed: Deed) {
        match deed {
            Deed::NodeDown(node) => self.with_node(&node, |w, id| w.node_dies(id)),
            Deed::NodeUp(node) => self.with_node(&node, |w, id| w.node_returns(id)),
            Deed::Availability { node, to } => self.edit_node(&node, |spec| {
                spec.insert("Availability".into(), json!(to));
            }),
            Deed::Label { node, key, value } => self.edit_node(&node, |spec| {
                let labels = spec.entry("Labels").or_insert_with(|| json!({}));
                if let Some(labels) = labels.as_object_mut() {
                    match value {
                        Some(value) => labels.insert(key, json!(value)),
                        None => labels.shift_remove(&key),
                    };
                }
            }),
            Deed::Behave { image, behaviour } => {
                self.images.behaviours.insert(plain_image(&image), behaviour);
            }
            Deed::Kill { service, code } => self.kill(&service, code),
            Deed::Image { service, image } => {
                // A story whose service is gone has nothing to tell: the refusal is of no use to anybody.
                let _ =
                    self.edit_service(&service, |spec| set(spec, "/TaskTemplate/ContainerSpec", "Image", json!(image)));
            }
            Deed::Scale { service, to } => {
                let _ = self.edit_service(&service, |spec| set(spec, "/Mode/Replicated", "Replicas", json!(to)));
            }
            Deed::Remove(service) => {
                if let Some(id) = self.service_named(&service) {
                    self.remove_service(&id);
                }
            }
            Deed::Leaderless(yes) => {
                self.leaderless = yes;
                self.may_place = !yes;
            }
            Deed::LetRun { task } => self.let_run(&task),
            Deed::Every { seconds, deed } => {
                self.after(Duration::from_secs(seconds.max(1)), Deed::Every { seconds, deed: deed.clone() });
                self.carry_out(*deed);
            }
        }
    }

    fn with_node(&mut self, name: &str, act: impl FnOnce(&mut Self, &Id)) {
        if let Some(id) = self.node_named(name) {
            act(self, &id);
        }
    }

    fn edit_node(&mut self, name: &str, edit: impl FnOnce(&mut Map<String, Value>)) {
        self.with_node(name, |world, id| {
            let mut spec = world.nodes.get(id).map(|n| n.spec.clone()).unwrap_or_default();
            if let Some(map) = spec.as_object_mut() {
                edit(map);
            }
            let _ = world.update_node(id, spec);
        });
    }

    fn kill(&mut self, service: &str, code: i64) {
        let Some(id) = self.service_named(service) else { return };
        let running: Vec<Id> =
            self.tasks_of(&id).filter(|t| t.state == State::Running && t.is_live()).map(|t| t.id.clone()).collect();
        for task in running {
            self.fail(&task, code, "");
        }
    }
}

/// Sets a field of the object at a pointer.
pub(crate) fn set(spec: &mut Value, pointer: &str, key: &str, value: Value) {
    if let Some(map) = spec.pointer_mut(pointer).and_then(Value::as_object_mut) {
        map.insert(key.to_owned(), value);
    }
}
