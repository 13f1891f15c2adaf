//! One service as the engine is to have it.

use serde_json::Value as Json;

use super::json::{Body, object};
use super::{IMAGE, Scope, container, deploy, files, mounts, networks};
use crate::stack::grammar::image;
use crate::stack::project::Project;
use crate::stack::project::attach::Port;
use crate::stack::project::cx::Cx;
use crate::stack::project::service::Service;
use crate::stack::wish::WishedService;

/// A service with all that it may refer to.
#[derive(Debug, Clone, Copy)]
pub struct Maker<'a> {
    /// The stack.
    pub scope: Scope<'a>,
    /// What is declared beside it.
    pub project: &'a Project,
    /// Its key.
    pub key: &'a str,
    /// Itself.
    pub service: &'a Service,
}

impl Maker<'_> {
    /// The service as wished; what is wrong is told to `cx`.
    pub fn wish(&self, cx: &mut Cx<'_>) -> WishedService {
        let keys = &self.service.keys;
        self.check_image(cx);
        let mut labels = self.scope.labels(&keys.deploy.labels.items());
        labels.insert(IMAGE.to_owned(), keys.image.text.clone().into());
        let name = self.scope.name(self.key);
        let body = Body::default()
            .put("Name", name.clone())
            .put("Labels", object(labels))
            .put("TaskTemplate", self.template(cx))
            .put("Mode", deploy::mode(&keys.deploy, cx))
            .maybe("UpdateConfig", keys.deploy.update_config.as_ref().map(deploy::update))
            .maybe("RollbackConfig", keys.deploy.rollback_config.as_ref().map(deploy::update))
            .put("EndpointSpec", endpoint(&keys.deploy.endpoint_mode, keys.ports.0.items()));
        WishedService {
            key: self.key.to_owned(),
            name,
            body: body.into(),
            image: keys.image.text.clone(),
            after: keys.depends_on.0.texts().map(str::to_owned).collect(),
            place: self.service.place,
        }
    }

    fn check_image(&self, cx: &mut Cx<'_>) {
        let image = &self.service.keys.image;
        if image.is_empty() {
            let what = format!("service {} has no image", self.key);
            cx.fault(self.service.place, what, "swarm runs images and builds none", "name an image with `image:`");
        } else if let Err(why) = image::check(image) {
            let what = format!("the image of service {} has a name that cannot be", self.key);
            cx.fault(image.place, what, why, "write it as [HOST/]NAME[:TAG]; check that no variable in it is empty");
        }
    }

    fn template(&self, cx: &mut Cx<'_>) -> Json {
        let keys = &self.service.keys;
        let logging = keys.logging.as_ref().map(|logging| {
            Body::default()
                .some("Name", logging.0.driver.text.clone())
                .some("Options", object(logging.0.options.items()))
        });
        let container = container::Parts {
            mounts: mounts::wish(self.scope, &self.project.volumes, keys.volumes.0.items(), cx),
            secrets: files::secrets(self, cx),
            configs: files::configs(self, cx),
        };
        Body::default()
            .put("ContainerSpec", container::spec(self, container, cx))
            .put("Resources", deploy::resources(&keys.deploy.resources, cx))
            .maybe("RestartPolicy", deploy::restart(keys, cx))
            .put("Placement", deploy::placement(&keys.deploy.placement))
            .some("Networks", networks::attachments(self, cx))
            .maybe("LogDriver", logging)
            .put("ForceUpdate", 0)
            .into()
    }
}

fn endpoint(mode: &str, ports: &[Port]) -> Json {
    let mut ports: Vec<&Port> = ports.iter().collect();
    ports.sort_by_key(|port| port.published);
    let port = |port: &Port| {
        Json::from(
            Body::default()
                .some("Protocol", port.protocol.text.clone())
                .some("TargetPort", port.target)
                .some("PublishedPort", port.published)
                .some("PublishMode", port.mode.text.clone()),
        )
    };
    let ports: Json = ports.into_iter().map(port).collect();
    Body::default().some("Mode", mode.to_lowercase()).some("Ports", ports).into()
}
