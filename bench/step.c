/*
 * Prints the CPU time of a perturbed step in C, in ns: step FORM D1 D2 R STEPS, FORM dense, thin (factors of the target, which
 * has rank R) or normals (only the numbers that a step takes). The fastest of 5 runs of STEPS steps counts.
 * xorshift128+ under a ziggurat of 128 layers.
 */
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define TIMES 5
#define LAYERS 128
#define TAIL 3.442619855899
#define AREA 9.91256303526217e-3

static double edges[LAYERS + 1];
static uint64_t s0 = 0x9e3779b97f4a7c15u, s1 = 0xbf58476d1ce4e5b9u;

static inline uint64_t bits(void) {
  uint64_t a = s0, b = s1;
  s0 = b;
  a ^= a << 23;
  return (s1 = a ^ b ^ (a >> 17) ^ (b >> 26)) + b;
}

static inline double unit(void) { return ((bits() >> 11) + 0.5) * 0x1p-53; }

static double tail(void) {
  for (;;) {
    double excess = -log(unit()) / TAIL;
    if (-2 * log(unit()) > excess * excess) return TAIL + excess;
  }
}

static double density(double x) { return exp(-x * x / 2); }

/* One draw gives the layer and 53 signed bits for the point. */
static inline double normal(void) {
  for (;;) {
    uint64_t drawn = bits();
    int layer = drawn & (LAYERS - 1);
    double x = ((int64_t)drawn >> 10) * 0x1p-53 * edges[layer];
    if (fabs(x) < edges[layer + 1]) return x;
    if (layer == 0) return copysign(tail(), x);
    double low = density(edges[layer]), high = density(edges[layer + 1]);
    if (low + unit() * (high - low) < density(x)) return x;
  }
}

static void ziggurat(void) {
  edges[0] = AREA / density(TAIL);
  edges[1] = TAIL;
  for (int i = 2; i < LAYERS; i++) edges[i] = sqrt(-2 * log(AREA / edges[i - 1] + density(edges[i - 1])));
}

static double *normals(size_t count, double scale) {
  double *out = malloc(count * sizeof *out);
  for (size_t i = 0; i < count; i++) out[i] = scale * normal();
  return out;
}

/* Loops over r are unrolled if it is known: `STEP` below. Sums stay in registers for BLOCK columns, or rows, of a at a time. */
#define ALWAYS static inline __attribute__((always_inline))
#define BLOCK 4

/* out (p x r) = a' b: a is n x p, b is n x r. */
ALWAYS void inner(int n, int p, const int r, const double *restrict a, const double *restrict b, double *restrict out) {
  int j = 0;
  for (; j + BLOCK <= p; j += BLOCK) {
    double sums[BLOCK][r];
    memset(sums, 0, sizeof sums);
    for (int i = 0; i < n; i++)
      for (int l = 0; l < BLOCK; l++)
        for (int k = 0; k < r; k++) sums[l][k] += a[(size_t)i * p + j + l] * b[i * r + k];
    memcpy(out + j * r, sums, sizeof sums);
  }
  for (; j < p; j++) {
    double sums[r];
    memset(sums, 0, sizeof sums);
    for (int i = 0; i < n; i++)
      for (int k = 0; k < r; k++) sums[k] += a[(size_t)i * p + j] * b[i * r + k];
    memcpy(out + j * r, sums, sizeof sums);
  }
}

/* out (n x r) = a b: a is n x p, b is p x r. */
ALWAYS void product(int n, int p, const int r, const double *restrict a, const double *restrict b, double *restrict out) {
  int i = 0;
  for (; i + BLOCK <= n; i += BLOCK) {
    double sums[BLOCK][r];
    memset(sums, 0, sizeof sums);
    for (int j = 0; j < p; j++)
      for (int l = 0; l < BLOCK; l++)
        for (int k = 0; k < r; k++) sums[l][k] += a[(size_t)(i + l) * p + j] * b[j * r + k];
    memcpy(out + i * r, sums, sizeof sums);
  }
  for (; i < n; i++) {
    double sums[r];
    memset(sums, 0, sizeof sums);
    for (int j = 0; j < p; j++)
      for (int k = 0; k < r; k++) sums[k] += a[(size_t)i * p + j] * b[j * r + k];
    memcpy(out + i * r, sums, sizeof sums);
  }
}

static void perturb(size_t count, const double *restrict at, double sigma, double *restrict out) {
  for (size_t i = 0; i < count; i++) out[i] = at[i] + sigma * normal();
}

/* at -= eta (perturbed gram - image) */
ALWAYS void move(int n, const int r, double *restrict at, const double *restrict perturbed, const double *restrict gram,
                 const double *restrict image, double eta) {
  for (int i = 0; i < n; i++) {
    double slope[r];
    for (int k = 0; k < r; k++) slope[k] = -image[i * r + k];
    for (int l = 0; l < r; l++)
      for (int k = 0; k < r; k++) slope[k] += perturbed[i * r + l] * gram[l * r + k];
    for (int k = 0; k < r; k++) at[i * r + k] -= eta * slope[k];
  }
}

/* A step of rank r from the perturbed factors; `thin` uses M = U V'. */
ALWAYS void step(int thin, int d1, int d2, const int r, const double *restrict U, const double *restrict V,
                 const double *restrict M, double *restrict X, double *restrict Y, const double *restrict Xp,
                 const double *restrict Yp, double *restrict MY, double *restrict MX) {
  double GX[r * r], GY[r * r], core[r * r];
  inner(d1, r, r, Xp, Xp, GX);
  inner(d2, r, r, Yp, Yp, GY);
  if (thin) {
    inner(d2, r, r, V, Yp, core);
    product(d1, r, r, U, core, MY);
    inner(d1, r, r, U, Xp, core);
    product(d2, r, r, V, core, MX);
  } else {
    product(d1, d2, r, M, Yp, MY);
    inner(d1, d2, r, M, Xp, MX);
  }
  move(d1, r, X, Xp, GY, MY, 0.01);
  move(d2, r, Y, Yp, GX, MX, 0.01);
}

#define STEP(rank) step(thin, d1, d2, rank, U, V, M, X, Y, Xp, Yp, MY, MX)

/* CPU time so far, in ns. */
static double spent(void) {
  struct timespec now;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return now.tv_sec * 1e9 + now.tv_nsec;
}

int main(int argc, char **argv) {
  if (argc != 6) return fprintf(stderr, "usage: step dense|thin|normals d1 d2 r steps\n"), 2;
  int thin = strcmp(argv[1], "thin") == 0, draw = strcmp(argv[1], "normals") == 0, d1 = atoi(argv[2]), d2 = atoi(argv[3]), r = atoi(argv[4]);
  long steps = atol(argv[5]);
  ziggurat();
  double *U = normals((size_t)d1 * r, 1 / sqrt(d1)), *V = normals((size_t)d2 * r, 1 / sqrt(d2));
  double *X = normals((size_t)d1 * r, 1 / sqrt(d1)), *Y = normals((size_t)d2 * r, 1 / sqrt(d2));
  double *M = malloc(sizeof(double) * d1 * d2);
  for (int i = 0; i < d1; i++)
    for (int j = 0; j < d2; j++) {
      double sum = 0;
      for (int k = 0; k < r; k++) sum += U[i * r + k] * V[j * r + k];
      M[(size_t)i * d2 + j] = sum;
    }
  double *Xp = normals((size_t)d1 * r, 1), *Yp = normals((size_t)d2 * r, 1);
  double *MY = normals((size_t)d1 * r, 1), *MX = normals((size_t)d2 * r, 1);
  double began = 0, quickest = INFINITY;
  for (long t = -2; t < TIMES * steps; t++) {
    if (t == 0) began = spent();
    else if (t > 0 && t % steps == 0) {
      quickest = fmin(quickest, spent() - began);
      began = spent();
    }
    perturb((size_t)d1 * r, X, 0.01, Xp);
    perturb((size_t)d2 * r, Y, 0.01, Yp);
    if (draw) continue;
    switch (r) {
    case 1: STEP(1); break;
    case 3: STEP(3); break;
    case 5: STEP(5); break;
    case 10: STEP(10); break;
    default: STEP(r);
    }
  }
  quickest = fmin(quickest, spent() - began);
  if (!isfinite(X[0] + Xp[0])) return 1;
  printf("%g\n", quickest / steps);
}
