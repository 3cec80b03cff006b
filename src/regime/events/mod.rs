//! The spiking engine.
