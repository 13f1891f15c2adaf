//! What happens to the simulated swarm without the API: machines die, somebody else deploys, a registry gets an image.

use std::time::Duration;

use super::{Behaviour, Deed, Sim, behaviour};

impl Sim {
    /// Makes something happen now.
    pub fn carry_out(&self, deed: Deed) {
        self.step(|s| {
            s.world.carry_out(deed);
            s.world.tick(Duration::ZERO);
        });
    }

    /// Makes something happen after so much simulated time.
    pub fn after(&self, time: Duration, deed: Deed) {
        self.look(|s| s.world.after(time, deed));
    }

    /// A node stops answering: its status is `down`, others take over, streams to it are cut.
    pub fn node_down(&self, hostname: &str) {
        self.carry_out(Deed::NodeDown(hostname.to_owned()));
    }

    /// A node answers again.
    pub fn node_up(&self, hostname: &str) {
        self.carry_out(Deed::NodeUp(hostname.to_owned()));
    }

    /// The managers have no leader (true), or have one again.
    pub fn no_leader(&self, yes: bool) {
        self.carry_out(Deed::Leaderless(yes));
    }

    /// Makes this manager the leader.
    pub fn leader(&self, hostname: &str) {
        self.step(|s| {
            let leader = s.world.node_named(hostname);
            if leader.is_some() {
                s.world.leader = leader;
                s.world.bump();
            }
        });
    }

    /// Scales a service, as somebody else would.
    pub fn scale(&self, service: &str, to: u64) {
        self.carry_out(Deed::Scale { service: service.to_owned(), to });
    }

    /// Gives a service another image, as somebody else would.
    pub fn update_image(&self, service: &str, image: &str) {
        self.carry_out(Deed::Image { service: service.to_owned(), image: image.to_owned() });
    }

    /// Removes a service, as somebody else would.
    pub fn remove_service(&self, service: &str) {
        self.carry_out(Deed::Remove(service.to_owned()));
    }

    /// The containers of an image behave otherwise from now on.
    pub fn behave(&self, image: &str, behaviour: Behaviour) {
        self.carry_out(Deed::Behave { image: image.to_owned(), behaviour });
    }

    /// Ends all running tasks of a service with this exit code.
    pub fn kill(&self, service: &str, code: i64) {
        self.carry_out(Deed::Kill { service: service.to_owned(), code });
    }

    /// A newer image is pushed under the same tag: the registry gives another digest from now on.
    pub fn push_image(&self, image: &str) {
        self.look(|s| {
            let version = s.world.rng.hex(8);
            s.world.images.versions.insert(behaviour::plain_image(image), version);
        });
    }

    /// A machine joins the swarm, as a manager or a worker; gives its node id.
    pub fn join(&self, hostname: &str, manager: bool) -> String {
        self.step(|s| {
            let id = s.world.join(hostname, manager);
            s.world.tick(Duration::ZERO);
            id
        })
    }
}
