//! The rate regime.
