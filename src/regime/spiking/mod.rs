//! Presentations: samples through layers in a row, with spikes.
//!
//! ```text
//! presenter.rs    batches of presentations, for training
//!   block.rs        64 neurons in registers          feedback.rs   signals on their way back
//! playback.rs     one presentation, run by the simulator
//! ```

pub mod block;
pub mod feedback;
pub mod playback;
pub mod presenter;
