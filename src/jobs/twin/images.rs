//! What registries say of the images of a deployment: each image is asked for once, all at one time.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, PoisonError};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE;
use zeroize::Zeroizing;

use super::there::{Object, There, text};
use super::{Cx, Resolve, Said, fleet};
use crate::engine::AtRegistry;
use crate::jobs::{Header, Registries};
use crate::stack::{IMAGE, WishedService, tagged};

/// What registries said, by image as it is sent.
#[derive(Debug, Default)]
pub struct Images(BTreeMap<String, AtRegistry>);

impl Images {
    /// Asks for every image that is to be resolved. One that no registry knows is told and stays as it is.
    pub async fn ask(cx: &Cx<'_>, there: &There) -> Self {
        let asked = cx.deploy.wish.services.iter().filter(|service| is_asked(cx, there, service));
        let asked: BTreeSet<String> = asked.map(|service| tagged(&service.image)).collect();
        let found: Mutex<BTreeMap<String, AtRegistry>> = Mutex::default();
        fleet::each(asked.into_iter().map(|image| (image.clone(), image)), |image| {
            let found = &found;
            async move {
                match cx.engine.at_registry(&image, Registries::text(auth(cx, &image).await.as_ref())).await {
                    Ok(said) => {
                        found.lock().unwrap_or_else(PoisonError::into_inner).insert(image, said);
                    }
                    Err(error) => (cx.say)(Said::Warning(format!(
                        "image {image} could not be found at its registry, so its digest is not recorded: each node \
                         pulls it by itself, and nodes may run different versions of it ({error})"
                    ))),
                }
                Ok(())
            }
        })
        .await;
        Self(found.into_inner().unwrap_or_else(PoisonError::into_inner))
    }

    /// What a registry said of an image.
    pub fn get(&self, image: &str) -> Option<&AtRegistry> {
        self.0.get(image)
    }
}

/// Whether the registry is to be asked for the image of a service.
pub fn is_asked(cx: &Cx<'_>, there: &There, service: &WishedService) -> bool {
    match (cx.deploy.resolve, there.services.get(&service.name)) {
        (Resolve::Never, _) => false,
        (Resolve::Always, _) | (Resolve::Changed, None) => true,
        (Resolve::Changed, Some(known)) => !is_same(known, service),
    }
}

/// The file names the same image as at the last deployment.
pub fn is_same(known: &Object, service: &WishedService) -> bool {
    let labels = known.raw.pointer("/Spec/Labels").and_then(|labels| labels.get(IMAGE));
    labels.and_then(serde_json::Value::as_str) == Some(&service.image)
}

/// The image that runs at present, with its digest.
pub fn present(known: &Object) -> &str {
    text(&known.raw, "/Spec/TaskTemplate/ContainerSpec/Image")
}

/// The header that says who we are at the registry of an image. Nobody is said too, as the CLI says it.
pub async fn auth(cx: &Cx<'_>, image: &str) -> Option<Header> {
    let credentials = cx.deploy.credentials.as_ref()?;
    let known = credentials.of_image(image).await;
    Some(known.unwrap_or_else(|| Header::new(Zeroizing::new(URL_SAFE.encode("{}")))))
}
