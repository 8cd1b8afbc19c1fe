//! One file through parse, schema and spec.

use crate::diag::Sink;
use crate::name::TeamName;
use crate::policy;
use crate::schema::{self, Kind};
use crate::source::{SourceId, Sources};
use crate::spec::{Context, Decode, Grant, Platform};
use crate::yaml;

/// Reads a file of a kind. `None` when something is wrong, which has been told.
pub fn read_config<T: Decode>(kind: Kind, file: SourceId, text: &str, sink: &mut Sink) -> Option<T> {
    let node = yaml::parse(file, text, sink)?;
    decode(kind, node, text, sink)
}

pub(super) fn decode<T: Decode>(kind: Kind, node: yaml::Node, text: &str, sink: &mut Sink) -> Option<T> {
    if !schema::validate(kind, &node, sink) {
        return None;
    }
    let mut found = Sink::new();
    let decoded = T::decode(node, &mut Context { text, sink: &mut found });
    let sound = !found.has_errors();
    sink.extend(found.into_sorted());
    decoded.filter(|_| sound)
}

/// Bytes of a file to a source. `None` when they are no text, which has been told.
pub(super) fn add(path: String, bytes: Vec<u8>, sources: &Sources, sink: &mut Sink) -> Option<SourceId> {
    match yaml::decode(&path, bytes) {
        Ok(text) => Some(sources.add(path, text)),
        Err(fault) => {
            sink.push(*fault);
            None
        }
    }
}

/// What holds for one team, read from its two files.
#[derive(Debug)]
pub struct PolicyFiles {
    /// The platform's file.
    pub platform: Platform,
    /// The team's grant.
    pub grant: Grant,
}

impl PolicyFiles {
    /// Reads both; `None` when either is missing or wrong, which has been told.
    pub fn read(platform: &[u8], grant: &[u8], team: &TeamName, sources: &Sources, sink: &mut Sink) -> Option<Self> {
        let platform = Self::read_platform(platform, sources, sink);
        let grant = Self::read_grant(grant, team, sources, sink);
        Some(Self { platform: platform?, grant: grant? })
    }

    /// Reads the platform's file.
    pub fn read_platform(bytes: &[u8], sources: &Sources, sink: &mut Sink) -> Option<Platform> {
        let file = add("platform.yaml".to_owned(), bytes.to_vec(), sources, sink)?;
        let platform: Platform = read_config(Kind::Platform, file, &sources.file(file).text, sink)?;
        crate::backend::check_target(&platform.target.airflow, sink).then_some(platform)
    }

    /// Reads a team's grant.
    pub fn read_grant(bytes: &[u8], team: &TeamName, sources: &Sources, sink: &mut Sink) -> Option<Grant> {
        let path = format!("teams/{team}.yaml");
        let file = add(path.clone(), bytes.to_vec(), sources, sink)?;
        let grant: Grant = read_config(Kind::Grant, file, &sources.file(file).text, sink)?;
        let mut found = Sink::new();
        policy::check_grant_path(&grant, &path, &mut found);
        let sound = !found.has_errors();
        sink.extend(found.into_sorted());
        sound.then_some(grant)
    }

    /// What holds where no platform has said anything: every image, profile and pool that needs no definition.
    #[must_use]
    pub fn default_files(team: &TeamName) -> (String, String) {
        ("platform: local\ntarget: { airflow: \"3.1\" }\n".to_owned(), format!("team: {team}\n"))
    }
}
