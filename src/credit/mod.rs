//! How an error or a reward reaches a neuron.
