//! The spiking engine.

pub mod block;
pub mod feedback;
pub mod presentation;
pub mod trains;
