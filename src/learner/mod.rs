//! What a training drives: something that learns from batches and answers them.

pub mod layered;
