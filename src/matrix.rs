//! Dense single-precision matrices, column-major, and their products.
//!
//! A batch of B presentations of n neurons is an n x B matrix: each presentation is
//! contiguous. Weights from `pre` to `post` neurons are a post x pre matrix, so the
//! outgoing weights of one source are contiguous: that column is the row an event
//! delivers.
//!
//! Products are cut into fixed blocks of columns, whatever the number of threads, so
//! the result has the same bytes on any machine with the same vector instructions.

use nalgebra::DMatrix;
use rayon::prelude::*;

/// A column-major f32 matrix.
pub type Matrix = DMatrix<f32>;

/// Columns of the result that one task computes.
const BLOCK: usize = 256;

/// How an operand enters a product.
#[derive(Clone, Copy)]
struct Operand<'a> {
    data: &'a [f32],
    row_stride: isize,
    column_stride: isize,
}

fn plain(m: &Matrix) -> Operand<'_> {
    Operand { data: m.as_slice(), row_stride: 1, column_stride: m.nrows() as isize }
}

fn transposed(m: &Matrix) -> Operand<'_> {
    Operand { data: m.as_slice(), row_stride: m.nrows() as isize, column_stride: 1 }
}

/// `out = scale * a * b` with a: out.nrows x depth and b: depth x out.ncols.
fn multiply(out: &mut Matrix, scale: f32, a: Operand<'_>, b: Operand<'_>, depth: usize) {
    let rows = out.nrows();
    if rows == 0 || depth == 0 {
        out.fill(0.0);
        return;
    }
    out.as_mut_slice().par_chunks_mut(rows * BLOCK).enumerate().for_each(|(block, columns)| {
        let width = columns.len() / rows;
        let first = block * BLOCK * b.column_stride as usize;
        // SAFETY: the strides and sizes describe exactly the operands' slices (asserted by
        // the callers' shape checks), and `columns` is this task's own part of the result.
        unsafe {
            matrixmultiply::sgemm(
                rows,
                depth,
                width,
                scale,
                a.data.as_ptr(),
                a.row_stride,
                a.column_stride,
                b.data.as_ptr().add(first),
                b.row_stride,
                b.column_stride,
                0.0,
                columns.as_mut_ptr(),
                1,
                rows as isize,
            );
        }
    });
}

/// `a b`, with a: m x k and b: k x n.
///
/// # Panics
/// When the shapes do not fit (so do the other products).
pub fn product(a: &Matrix, b: &Matrix) -> Matrix {
    assert_eq!(a.ncols(), b.nrows(), "inner dimensions of a b");
    let mut out = Matrix::zeros(a.nrows(), b.ncols());
    multiply(&mut out, 1.0, plain(a), plain(b), a.ncols());
    out
}

/// `a^T b`, with a: k x m and b: k x n.
pub fn product_of_transposed(a: &Matrix, b: &Matrix) -> Matrix {
    assert_eq!(a.nrows(), b.nrows(), "inner dimensions of a^T b");
    let mut out = Matrix::zeros(a.ncols(), b.ncols());
    multiply(&mut out, 1.0, transposed(a), plain(b), a.nrows());
    out
}

/// `scale a b^T`, with a: m x k and b: n x k: a sum of k outer products.
pub fn outer_products(scale: f32, a: &Matrix, b: &Matrix) -> Matrix {
    assert_eq!(a.ncols(), b.ncols(), "inner dimensions of a b^T");
    let mut out = Matrix::zeros(a.nrows(), b.nrows());
    multiply(&mut out, scale, plain(a), transposed(b), a.ncols());
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counting(rows: usize, columns: usize) -> Matrix {
        Matrix::from_fn(rows, columns, |i, j| ((i * 7 + j * 3) % 11) as f32 - 5.0)
    }

    #[test]
    fn the_three_products_agree_with_nalgebra() {
        let (a, b) = (counting(13, 9), counting(9, 600));
        assert_eq!(product(&a, &b), &a * &b);
        assert_eq!(product_of_transposed(&a.transpose(), &b), &a * &b);
        assert_eq!(outer_products(2.0, &a, &b.transpose()), (&a * &b) * 2.0);
    }

    #[test]
    fn empty_sums_are_zero() {
        assert_eq!(product(&Matrix::zeros(3, 0), &Matrix::zeros(0, 2)), Matrix::zeros(3, 2));
    }
}
