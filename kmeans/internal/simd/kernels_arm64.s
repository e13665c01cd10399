//go:build !noasm

#include "textflag.h"

// The assembler has no FMLA by element, so its words are put together here:
// Vd.4S += Vn.4S · Vm.S[i].
#define FMLA(d, n, m, i) WORD $(0x4f801000 | ((i)&1)<<21 | ((i)>>1)<<11 | (m)<<16 | (n)<<5 | (d))

// STEP16 takes one dimension, lane i of V20 to V23, of 4 rows by 16 centroids.
#define STEP16(i) \
	VLD1.P 64(R10), [V16.S4, V17.S4, V18.S4, V19.S4]; \
	FMLA(0, 16, 20, i); \
	FMLA(1, 17, 20, i); \
	FMLA(2, 18, 20, i); \
	FMLA(3, 19, 20, i); \
	FMLA(4, 16, 21, i); \
	FMLA(5, 17, 21, i); \
	FMLA(6, 18, 21, i); \
	FMLA(7, 19, 21, i); \
	FMLA(8, 16, 22, i); \
	FMLA(9, 17, 22, i); \
	FMLA(10, 18, 22, i); \
	FMLA(11, 19, 22, i); \
	FMLA(12, 16, 23, i); \
	FMLA(13, 17, 23, i); \
	FMLA(14, 18, 23, i); \
	FMLA(15, 19, 23, i)

// STEP8 does so by 8 centroids.
#define STEP8(i) \
	VLD1.P 32(R10), [V16.S4, V17.S4]; \
	FMLA(0, 16, 20, i); \
	FMLA(1, 17, 20, i); \
	FMLA(2, 16, 21, i); \
	FMLA(3, 17, 21, i); \
	FMLA(4, 16, 22, i); \
	FMLA(5, 17, 22, i); \
	FMLA(6, 16, 23, i); \
	FMLA(7, 17, 23, i)

// LOAD puts the rows into R0 to R3, d/4 into R9 and d%4 into R11, the panel
// into R10 and where scores go into R12.
#define LOAD \
	MOVD rows+0(FP), R8; \
	MOVD d+8(FP), R9; \
	MOVD panel+16(FP), R10; \
	MOVD out+24(FP), R12; \
	MOVD 0(R8), R0; \
	MOVD 8(R8), R1; \
	MOVD 16(R8), R2; \
	MOVD 24(R8), R3; \
	AND  $3, R9, R11; \
	LSR  $2, R9, R9

#define FOUR \
	VLD1.P 16(R0), [V20.S4]; \
	VLD1.P 16(R1), [V21.S4]; \
	VLD1.P 16(R2), [V22.S4]; \
	VLD1.P 16(R3), [V23.S4]

#define ONE \
	FMOVS.P 4(R0), F20; \
	FMOVS.P 4(R1), F21; \
	FMOVS.P 4(R2), F22; \
	FMOVS.P 4(R3), F23

// func scores4x16NEON(rows *[12]*float32, d int, panel *float32, out *float32)
TEXT ·scores4x16NEON(SB), NOSPLIT, $0-32
	LOAD
	VLD1.P 64(R10), [V0.S4, V1.S4, V2.S4, V3.S4]
	VMOV V0.B16, V4.B16
	VMOV V1.B16, V5.B16
	VMOV V2.B16, V6.B16
	VMOV V3.B16, V7.B16
	VMOV V0.B16, V8.B16
	VMOV V1.B16, V9.B16
	VMOV V2.B16, V10.B16
	VMOV V3.B16, V11.B16
	VMOV V0.B16, V12.B16
	VMOV V1.B16, V13.B16
	VMOV V2.B16, V14.B16
	VMOV V3.B16, V15.B16
	CBZ  R9, rest

four:
	FOUR
	STEP16(0)
	STEP16(1)
	STEP16(2)
	STEP16(3)
	SUBS $1, R9, R9
	BNE  four

rest:
	CBZ R11, done

one:
	ONE
	STEP16(0)
	SUBS $1, R11, R11
	BNE  one

done:
	VST1.P [V0.S4, V1.S4, V2.S4, V3.S4], 64(R12)
	VST1.P [V4.S4, V5.S4, V6.S4, V7.S4], 64(R12)
	VST1.P [V8.S4, V9.S4, V10.S4, V11.S4], 64(R12)
	VST1.P [V12.S4, V13.S4, V14.S4, V15.S4], 64(R12)
	RET

// func scores4x8NEON(rows *[12]*float32, d int, panel *float32, out *float32)
// rows points at the first of the four.
TEXT ·scores4x8NEON(SB), NOSPLIT, $0-32
	LOAD
	VLD1.P 32(R10), [V0.S4, V1.S4]
	VMOV V0.B16, V2.B16
	VMOV V1.B16, V3.B16
	VMOV V0.B16, V4.B16
	VMOV V1.B16, V5.B16
	VMOV V0.B16, V6.B16
	VMOV V1.B16, V7.B16
	CBZ  R9, rest

four:
	FOUR
	STEP8(0)
	STEP8(1)
	STEP8(2)
	STEP8(3)
	SUBS $1, R9, R9
	BNE  four

rest:
	CBZ R11, done

one:
	ONE
	STEP8(0)
	SUBS $1, R11, R11
	BNE  one

done:
	VST1.P [V0.S4, V1.S4, V2.S4, V3.S4], 64(R12)
	VST1.P [V4.S4, V5.S4, V6.S4, V7.S4], 64(R12)
	RET

// func peakNEON(n int)
TEXT ·peakNEON(SB), NOSPLIT, $0-8
	MOVD n+0(FP), R0

loop:
	FMLA(0, 16, 20, 0)
	FMLA(1, 17, 20, 0)
	FMLA(2, 18, 20, 0)
	FMLA(3, 19, 20, 0)
	FMLA(4, 16, 21, 0)
	FMLA(5, 17, 21, 0)
	FMLA(6, 18, 21, 0)
	FMLA(7, 19, 21, 0)
	FMLA(8, 16, 22, 0)
	FMLA(9, 17, 22, 0)
	FMLA(10, 18, 22, 0)
	FMLA(11, 19, 22, 0)
	FMLA(12, 16, 23, 0)
	FMLA(13, 17, 23, 0)
	FMLA(14, 18, 23, 0)
	FMLA(15, 19, 23, 0)
	SUBS $1, R0, R0
	BNE  loop
	RET
