//! Presentations: samples through a chain of layers, with spikes.
//!
//! ```text
//! presenter.rs    batches of presentations, for training
//!   trains.rs       spike trains of a batch          block.rs      64 neurons in registers
//!   feedback.rs     signals on their way back
//! playback.rs     one presentation, run by the simulator
//! ```

pub mod block;
pub mod feedback;
pub mod playback;
pub mod presenter;
pub mod trains;
