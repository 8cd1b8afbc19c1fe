//! Pod overlays, laid over each other as Kubernetes' strategic merge patch does.
//!
//! The merge is k8s-openapi's `DeepMerge`: lists with a merge key (containers, volumes, environment variables, …) merge by it, other
//! lists are replaced. It follows `patchMergeKey` and `patchStrategy` in Kubernetes' OpenAPI document.

use std::collections::BTreeMap;

use k8s_openapi::{DeepMerge, api::core::v1::PodSpec};

use crate::diag::{Diagnostic, Sink, codes as code};
use crate::name::ProfileName;
use crate::policy::Policy;
use crate::spec::{PodOverlay, Settings};

/// The pod that the platform's defaults give, and those that each profile makes of it.
#[derive(Debug, Default)]
pub struct BasePods {
    without_profile: PodSpec,
    profiles: BTreeMap<ProfileName, PodSpec>,
}

impl BasePods {
    pub(super) fn of(&self, profile: Option<&ProfileName>) -> &PodSpec {
        profile.and_then(|profile| self.profiles.get(profile)).unwrap_or(&self.without_profile)
    }
}

/// Merges the platform's layers once for all tasks.
pub fn base_pods(policy: &Policy<'_>, sink: &mut Sink) -> BasePods {
    let mut without_profile = PodSpec::default();
    overlay(&mut without_profile, policy.platform.defaults.as_ref(), sink);
    let mut profiles = BTreeMap::new();
    for (name, settings) in policy.platform.profiles.iter().flat_map(crate::spec::Table::iter) {
        let mut pod = without_profile.clone();
        overlay(&mut pod, Some(settings), sink);
        profiles.insert(name.value.clone(), pod);
    }
    BasePods { without_profile, profiles }
}

/// Lays the overlay of a layer over a pod.
pub(super) fn overlay(pod: &mut PodSpec, settings: Option<&Settings>, sink: &mut Sink) {
    let Some(PodOverlay { node, templates: _ }) = settings.and_then(|settings| settings.pod.as_ref()) else { return };
    match serde_json::from_value::<PodSpec>(node.to_json()) {
        Ok(spec) => pod.merge_from(spec),
        Err(error) => {
            let fault = Diagnostic::error(&code::INVALID_VALUE, format!("this is no PodSpec: {error}")).at(node.span, "");
            sink.push(fault.help("see Kubernetes' documentation of PodSpec"));
        }
    }
}
