//! How an error or a reward reaches the output neurons: what is fed down the layers.

pub mod cross_entropy;
pub mod max_boltzmann;
