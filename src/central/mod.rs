//! The central repository: planning a publish, judging a change, and landing it.
//!
//! In go a team's files, who asks, and a repository; out come a plan, diagnostics and at most one commit. Planning and
//! the verifier share the lock's shape, the readers of Git objects and nothing else, so that a fault of one is caught by
//! the other. What the files mean is the business of the [`Compiler`] that is handed in. Policy is always read from the
//! branch that is protected, never from what is being judged; what cannot be read allows nothing.

mod adopt;
mod authorise;
mod awaited;
mod bound;
mod claim;
mod compiler;
mod departing;
mod departure;
mod embedded;
mod exempt;
mod guard;
mod hand_written;
mod identity;
mod integrate;
mod integrator;
mod layout;
mod lock;
mod message;
mod mutants;
mod past;
mod plan;
mod prepare;
mod publish;
mod receive;
mod regenerate;
mod request;
mod standing;
mod successor;
mod taking;
mod team;
mod touched;
mod transfer;
mod uses;
mod verify;

pub use compiler::{
    Adoption, Authority, Binding, Compiler, Departures, Gift, Life, Override, OverrideRule, SourceFiles, Standing, StandingWorkflow,
    TeamInput, TeamOutput, Unmanaged, WorkflowFile,
};
pub use embedded::embedded;
pub use hand_written::{Shown, look};
pub use identity::Publisher;
pub use integrate::{Integrated, Integration, integrate};
pub use layout::Role;
pub use lock::{Lock, LockError, LockedUsage, LockedWorkflow, Published, RepositoryId, Tombstone};
pub use past::{Buried, Held, buried, held};
pub use plan::{Action, Change, Plan};
pub use publish::{Draft, Error, Outcome, TOKEN_OPTION, draft, plan, publish};
pub use receive::{Receiving, Update};
pub use regenerate::{Regenerated, regenerate};
pub use request::{Ancestry, Branch, Consent, Origin, Request, Token, TokenFor, Via};
pub use touched::{Prefetch, Touched, TouchedFile, TouchedSource, TouchedWorkflow, touched};
pub use uses::uses;
pub use verify::{Asker, Judged, Verdict, affected, audit, verify};
