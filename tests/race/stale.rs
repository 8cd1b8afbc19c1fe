//! A publisher that is killed while it holds the branch.
