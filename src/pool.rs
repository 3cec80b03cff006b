//! Matrices whose memory is used again: dropped, they go back to their pool, so that a training
//! allocates them for its first batch only.

use std::ops::{Deref, DerefMut};
use std::sync::{Arc, Mutex, PoisonError};

use crate::matrix::Matrix;

/// Memory of matrices that are not in use.
#[derive(Debug, Clone, Default)]
pub struct Pool(Arc<Mutex<Vec<Vec<f32>>>>);

impl Pool {
    /// A matrix whose values are whatever they are: for one that is written over.
    pub fn matrix(&self, rows: usize, columns: usize) -> Pooled {
        let size = rows * columns;
        let mut values = self.memory(size);
        values.resize(size, 0.0);
        Pooled { matrix: Matrix::from_vec(rows, columns, values), pool: Some(self.clone()) }
    }

    /// A matrix of one value.
    pub fn filled(&self, rows: usize, columns: usize, value: f32) -> Pooled {
        let mut matrix = self.matrix(rows, columns);
        matrix.fill(value);
        matrix
    }

    /// A matrix like `other`.
    pub fn copy(&self, other: &Matrix) -> Pooled {
        let mut matrix = self.matrix(other.nrows(), other.ncols());
        matrix.copy_from(other);
        matrix
    }

    /// The smallest memory that is large enough; without one, new memory.
    fn memory(&self, size: usize) -> Vec<f32> {
        let mut free = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let fits = free.iter().enumerate().filter(|(_, values)| values.capacity() >= size);
        let best = fits.min_by_key(|(_, values)| values.capacity()).map(|(index, _)| index);
        best.map_or_else(|| Vec::with_capacity(size), |index| free.swap_remove(index))
    }
}

/// A matrix, of a pool or of its own.
#[derive(Debug)]
pub struct Pooled {
    matrix: Matrix,
    pool: Option<Pool>,
}

impl Deref for Pooled {
    type Target = Matrix;

    fn deref(&self) -> &Matrix {
        &self.matrix
    }
}

impl DerefMut for Pooled {
    fn deref_mut(&mut self) -> &mut Matrix {
        &mut self.matrix
    }
}

impl From<Matrix> for Pooled {
    fn from(matrix: Matrix) -> Self {
        Self { matrix, pool: None }
    }
}

impl Clone for Pooled {
    fn clone(&self) -> Self {
        match &self.pool {
            Some(pool) => pool.copy(&self.matrix),
            None => self.matrix.clone().into(),
        }
    }
}

impl Drop for Pooled {
    fn drop(&mut self) {
        if let Some(Pool(free)) = self.pool.take() {
            let matrix = std::mem::replace(&mut self.matrix, Matrix::zeros(0, 0));
            free.lock().unwrap_or_else(PoisonError::into_inner).push(matrix.data.into());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memory_that_was_given_back_is_used_again() {
        let pool = Pool::default();
        let first = pool.filled(3, 4, 1.0);
        let place = first.as_slice().as_ptr();
        drop(first);
        let second = pool.filled(4, 3, 2.0);
        assert_eq!((second.as_slice().as_ptr(), second.sum()), (place, 24.0));
        let third = pool.copy(&second);
        assert_ne!(third.as_slice().as_ptr(), place);
        assert_eq!(*third, *second);
    }

    #[test]
    fn a_small_matrix_leaves_large_memory_to_large_ones() {
        let pool = Pool::default();
        drop((pool.matrix(10, 10), pool.matrix(2, 2)));
        let (small, large) = (pool.matrix(1, 4), pool.matrix(10, 9));
        assert!(small.matrix.data.as_vec().capacity() < 100 && large.matrix.data.as_vec().capacity() >= 100);
    }
}
