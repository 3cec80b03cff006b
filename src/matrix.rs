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

/// A matrix of so many rows as it is.
fn plain(data: &[f32], rows: usize) -> Operand<'_> {
    Operand { data, row_stride: 1, column_stride: rows as isize }
}

/// The transpose of a matrix of so many rows.
fn transposed(data: &[f32], rows: usize) -> Operand<'_> {
    Operand { data, row_stride: rows as isize, column_stride: 1 }
}

/// `out = scale * a * b` with out: rows x n, a: rows x depth and b: depth x n.
fn multiply(out: &mut [f32], rows: usize, scale: f32, a: Operand<'_>, b: Operand<'_>, depth: usize) {
    if rows == 0 || depth == 0 {
        out.fill(0.0);
        return;
    }
    out.par_chunks_mut(rows * BLOCK).enumerate().for_each(|(block, columns)| {
        let b = Operand { data: &b.data[block * BLOCK * b.column_stride as usize..], ..b };
        multiply_here(columns, rows, (scale, 0.0), a, b, depth);
    });
}

/// `out = scale * a * b + keep * out` on this thread, for `(scale, keep)`.
fn multiply_here(
    out: &mut [f32],
    rows: usize,
    (scale, keep): (f32, f32),
    a: Operand<'_>,
    b: Operand<'_>,
    depth: usize,
) {
    let columns = out.len() / rows;
    assert!(fits(a, rows, depth) && fits(b, depth, columns), "operands of a product");
    // SAFETY: the strides and sizes lie within the operands' slices (asserted above), and `out`
    // holds `rows` x `columns` numbers of its own.
    unsafe {
        matrixmultiply::sgemm(
            rows,
            depth,
            columns,
            scale,
            a.data.as_ptr(),
            a.row_stride,
            a.column_stride,
            b.data.as_ptr(),
            b.row_stride,
            b.column_stride,
            keep,
            out.as_mut_ptr(),
            1,
            rows as isize,
        );
    }
}

/// Whether an operand holds a matrix of this shape.
fn fits(operand: Operand<'_>, rows: usize, columns: usize) -> bool {
    let last = |count: usize, stride: isize| count.saturating_sub(1) * stride as usize;
    let end = last(rows, operand.row_stride) + last(columns, operand.column_stride);
    rows == 0 || columns == 0 || end < operand.data.len()
}

/// `a b`, with a: m x k and b: k x n.
///
/// # Panics
/// When the shapes do not fit (so do the other products).
pub fn product(a: &Matrix, b: &Matrix) -> Matrix {
    let mut out = Matrix::zeros(a.nrows(), b.ncols());
    product_into(a.as_slice(), b, &mut out);
    out
}

/// `a b` written to `out`: m x n, with a: m x k, column by column, and b: k x n.
pub fn product_into(a: &[f32], b: &Matrix, out: &mut Matrix) {
    let (rows, depth) = (out.nrows(), b.nrows());
    assert_eq!((a.len(), b.ncols()), (rows * depth, out.ncols()), "shapes of a b");
    multiply(out.as_mut_slice(), rows, 1.0, plain(a, rows), plain(b.as_slice(), depth), depth);
}

/// `a^T b`, with a: k x m and b: k x n.
pub fn product_of_transposed(a: &Matrix, b: &Matrix) -> Matrix {
    let mut out = Matrix::zeros(a.ncols(), b.ncols());
    product_of_transposed_into(a.as_slice(), b, &mut out);
    out
}

/// `a^T b` written to `out`: m x n, with a: k x m, column by column, and b: k x n.
pub fn product_of_transposed_into(a: &[f32], b: &Matrix, out: &mut Matrix) {
    let (rows, depth) = (out.nrows(), b.nrows());
    assert_eq!((a.len(), b.ncols()), (rows * depth, out.ncols()), "shapes of a^T b");
    multiply(out.as_mut_slice(), rows, 1.0, transposed(a, depth), plain(b.as_slice(), depth), depth);
}

/// `scale a b^T`, with a: m x k and b: n x k: a sum of k outer products.
pub fn outer_products(scale: f32, a: &Matrix, b: &Matrix) -> Matrix {
    let mut out = Matrix::zeros(a.nrows(), b.nrows());
    outer_products_into(scale, a, b, out.as_mut_slice());
    out
}

/// `scale a b^T` written to `out`: m x n, column by column.
pub fn outer_products_into(scale: f32, a: &Matrix, b: &Matrix, out: &mut [f32]) {
    assert_eq!(a.ncols(), b.ncols(), "inner dimensions of a b^T");
    assert_eq!(out.len(), a.nrows() * b.nrows(), "shape of a b^T");
    let operands = (plain(a.as_slice(), a.nrows()), transposed(b.as_slice(), b.nrows()));
    multiply(out, a.nrows(), scale, operands.0, operands.1, a.ncols());
}

/// The products of a piece of a batch on one thread, all column by column: for those who share
/// the work out themselves.
pub mod piece {
    use super::{multiply_here, plain, transposed};

    /// `a b` written to `out`: rows x n, with a: rows x depth.
    ///
    /// # Panics
    /// When the shapes do not fit (so do the others).
    pub fn product(rows: usize, depth: usize, a: &[f32], b: &[f32], out: &mut [f32]) {
        multiply_here(out, rows, (1.0, 0.0), plain(a, rows), plain(b, depth), depth);
    }

    /// `a^T b` written to `out`: rows x n, with a: depth x rows.
    pub fn product_of_transposed(rows: usize, depth: usize, a: &[f32], b: &[f32], out: &mut [f32]) {
        multiply_here(out, rows, (1.0, 0.0), transposed(a, depth), plain(b, depth), depth);
    }

    /// `scale a b^T` added to `out`: rows x columns, with a: rows x k and b: columns x k.
    pub fn add_outer_products(scale: f32, rows: usize, a: &[f32], b: &[f32], out: &mut [f32]) {
        let (depth, columns) = (a.len() / rows, out.len() / rows);
        multiply_here(out, rows, (scale, 1.0), plain(a, rows), transposed(b, columns), depth);
    }
}

/// The place of the largest value, the first of several.
pub fn largest(values: &[f32]) -> usize {
    let mut best = 0;
    for (place, value) in values.iter().enumerate() {
        if *value > values[best] {
            best = place;
        }
    }
    best
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
    fn a_piece_is_multiplied_as_the_whole() {
        let (a, b) = (counting(13, 9), counting(9, 40));
        let mut out = Matrix::zeros(13, 40);
        piece::product(13, 9, a.as_slice(), b.as_slice(), out.as_mut_slice());
        assert_eq!(out, &a * &b);
        piece::product_of_transposed(13, 9, a.transpose().as_slice(), b.as_slice(), out.as_mut_slice());
        assert_eq!(out, &a * &b);
        piece::add_outer_products(2.0, 13, a.as_slice(), b.transpose().as_slice(), out.as_mut_slice());
        assert_eq!(out, (&a * &b) * 3.0);
    }

    #[test]
    fn the_largest_of_equals_is_the_first() {
        assert_eq!(largest(&[0.0, 2.0, 2.0]), 1);
        assert_eq!(largest(&[f32::NAN, 1.0]), 0);
    }

    #[test]
    fn empty_sums_are_zero() {
        assert_eq!(product(&Matrix::zeros(3, 0), &Matrix::zeros(0, 2)), Matrix::zeros(3, 2));
    }
}
