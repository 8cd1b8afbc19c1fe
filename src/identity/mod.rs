//! Identity tokens: who asks, by the Git host's signature instead of by the environment's word.
//!
//! In go a token's text, the platform's identity policy and the time; out come [`Claims`], or why the token cannot be trusted. No
//! network is asked (the issuer's keys stand in the policy) and no clock is read. Whether the claims are granted anything is not
//! decided here.
//!
//! A token is a signed OpenID Connect ID token, a JSON Web Token (RFC 7519) as GitHub and GitLab give one to each run.

mod claims;
mod key;
mod policy;
mod token;

pub use claims::{Claims, Provider};
pub use key::{InvalidKey, Key};
pub use policy::{Issuer, Level, Operation, Policy};
pub use token::{Untrusted, verify, verify_waiting};
