// Gen writes the amd64 assembly of kmeans/internal/simd.
//
//	go run . -out ../simd/kernels_amd64.s -stubs ../simd/kernels_amd64.go -pkg simd
//
// scripts/simd runs it; kmeans/SIMD.md says what the kernels are for.
package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

func main() {
	ConstraintExpr("amd64,!noasm")
	for _, k := range kernels() {
		k()
	}
	Generate()
}

// kernels is every function of the file, in order.
func kernels() []func() {
	return []func(){
		func() { tile("tile6x16AVX2", avx2, 6, 2) },
		pairAVX2,
		narrowAVX2,
		func() { tile("tile12x16AVX512", avx512, 12, 1) },
		func() { tile("tile12x32AVX512", avx512, 12, 2) },
		func() { products("products12x8AVX2", 12) },
		squares,
		accumulate,
		func() { peak("peakAVX2", avx2, 12) },
		func() { peak("peakAVX512", avx512, 24) },
	}
}

// An isa is one of the two sets of vector registers.
type isa struct {
	reg   []reg.VecPhysical
	lanes int
}

var (
	avx2 = isa{lanes: 8, reg: []reg.VecPhysical{
		reg.Y0, reg.Y1, reg.Y2, reg.Y3, reg.Y4, reg.Y5, reg.Y6, reg.Y7,
		reg.Y8, reg.Y9, reg.Y10, reg.Y11, reg.Y12, reg.Y13, reg.Y14, reg.Y15,
	}}
	avx512 = isa{lanes: 16, reg: []reg.VecPhysical{
		reg.Z0, reg.Z1, reg.Z2, reg.Z3, reg.Z4, reg.Z5, reg.Z6, reg.Z7,
		reg.Z8, reg.Z9, reg.Z10, reg.Z11, reg.Z12, reg.Z13, reg.Z14, reg.Z15,
		reg.Z16, reg.Z17, reg.Z18, reg.Z19, reg.Z20, reg.Z21, reg.Z22, reg.Z23,
		reg.Z24, reg.Z25, reg.Z26, reg.Z27, reg.Z28, reg.Z29, reg.Z30, reg.Z31,
	}}
)

// rowRegs hold the ends of the rows during a tile.
var rowRegs = []reg.GPPhysical{
	reg.RAX, reg.RBX, reg.RCX, reg.RDX, reg.RSI, reg.RDI,
	reg.R8, reg.R9, reg.R10, reg.R11, reg.R12, reg.R13,
}

const unroll = 4

// chains emits the FMA chains of a tile: rows×cols accumulators, acc[r·cols+c],
// that start at the bias and take one product for each dimension. panel(c, t)
// is where the c-th vector of the panel's t-th next dimension lies; advance
// moves on by t dimensions. R15 counts bytes up to 0. label sets its labels
// apart from those of others in the same function.
func chains(v isa, label string, rows, cols int, panel func(c, t int) Mem, advance func(t int)) {
	acc := v.reg[:rows*cols]
	vecs := v.reg[rows*cols : rows*cols+cols]
	casts := v.reg[rows*cols+cols:]
	for r := 1; r < rows; r++ {
		for c := range cols {
			VMOVAPS(acc[c], acc[r*cols+c])
		}
	}
	step := func(t int) {
		for c := range cols {
			VMOVUPS(panel(c, t), vecs[c])
		}
		for r := range rows {
			x := casts[r%len(casts)]
			VBROADCASTSS(Mem{Base: rowRegs[r], Index: reg.R15, Scale: 1, Disp: 4 * t}, x)
			for c := range cols {
				VFMADD231PS(vecs[c], x, acc[r*cols+c])
			}
		}
	}
	Comment("One dimension at a time until a multiple of the unrolled loop is left.")
	TESTQ(U32(4*unroll-1), reg.R15)
	JEQ(LabelRef("many" + label))
	Label("single" + label)
	step(0)
	advance(1)
	ADDQ(Imm(4), reg.R15)
	TESTQ(U32(4*unroll-1), reg.R15)
	JNE(LabelRef("single" + label))
	TESTQ(reg.R15, reg.R15)
	JEQ(LabelRef("done" + label))
	Label("many" + label)
	for t := range unroll {
		step(t)
	}
	advance(unroll)
	ADDQ(Imm(4*unroll), reg.R15)
	JNE(LabelRef("many" + label))
	Label("done" + label)
}

// loadRows makes the row registers point behind the rows and R15 the negated
// length of a row in bytes.
func loadRows(rows int) {
	MOVQ(NewParamAddr("rows", 0), reg.R14)
	MOVQ(NewParamAddr("d", 8), reg.R15)
	SHLQ(Imm(2), reg.R15)
	for r := range rows {
		MOVQ(Mem{Base: reg.R14, Disp: 8 * r}, rowRegs[r])
		ADDQ(reg.R15, rowRegs[r])
	}
	NEGQ(reg.R15)
	MOVQ(NewParamAddr("panel", 16), reg.R14)
}

// tile emits rows × cols vectors with the argmax in the epilogue. A panel is 16
// biases, then 16 columns for each dimension; of AVX-512's two panels the
// second lies stride bytes behind the first.
func tile(name string, v isa, rows, cols int) {
	two := cols*v.lanes == 32
	args := "rows *[12]*float32, d int, panel *float32, top *[144]byte"
	if two {
		args = "rows *[12]*float32, d int, panel *float32, top *[144]byte, stride int"
	}
	TEXT(name, NOSPLIT, "func("+args+")")
	Pragma("noescape")
	Doc(fmt.Sprintf("%s scores %d rows by %d centroids.", name, rows, cols*v.lanes))
	loadRows(rows)
	if two {
		// All row registers are taken; BP holds the second panel.
		MOVQ(NewParamAddr("stride", 32), reg.RBP)
		ADDQ(reg.R14, reg.RBP)
	}
	at := func(c, byteOffset int) Mem {
		if two && c == 1 {
			return Mem{Base: reg.RBP, Disp: byteOffset}
		}
		return Mem{Base: reg.R14, Disp: byteOffset + c*v.lanes*4}
	}
	move := func(bytes int) {
		ADDQ(U32(bytes), reg.R14)
		if two {
			ADDQ(U32(bytes), reg.RBP)
		}
	}
	for c := range cols {
		VMOVUPS(at(c, 0), v.reg[c])
	}
	move(64)
	chains(v, "", rows, cols,
		func(c, t int) Mem { return at(c, 64*t) },
		func(t int) { move(64 * t) })
	MOVQ(NewParamAddr("top", 24), reg.RAX)
	if v.lanes == 8 {
		topAVX2(v, 0, cols, nil)
	} else {
		topAVX512(v, rows, cols)
	}
	VZEROUPPER()
	RET()
}

// The fields of a Top.
const (
	bestOffset   = 0
	indexOffset  = 48
	secondOffset = 96
)

// pairAVX2 emits 6 rows × 2 panels, one after the other, with the argmax of
// both in the epilogue: the scores of the first wait on the stack.
func pairAVX2() {
	const rows = 6
	v := avx2
	TEXT("tile6x32AVX2", NOSPLIT, "func(rows *[12]*float32, d int, panel *float32, top *[144]byte)")
	Pragma("noescape")
	Doc("tile6x32AVX2 scores 6 rows by the 32 centroids of two consecutive panels.")
	stack := AllocLocal(rows * 64)
	waiting := func(r, c int) Mem { return stack.Offset(64*r + 32*c) }
	loadRows(rows)
	for _, label := range []string{"1", "2"} {
		for c := range 2 {
			VMOVUPS(Mem{Base: reg.R14, Disp: 32 * c}, v.reg[c])
		}
		ADDQ(Imm(64), reg.R14)
		chains(v, label, rows, 2,
			func(c, t int) Mem { return Mem{Base: reg.R14, Disp: 64*t + 32*c} },
			func(t int) { ADDQ(U32(64*t), reg.R14) })
		if label == "1" {
			for r := range rows {
				for c := range 2 {
					VMOVUPS(v.reg[2*r+c], waiting(r, c))
				}
			}
			MOVQ(NewParamAddr("d", 8), reg.R15)
			SHLQ(Imm(2), reg.R15)
			NEGQ(reg.R15)
		}
	}
	MOVQ(NewParamAddr("top", 24), reg.RAX)
	topAVX2(v, 0, 2, waiting)
	VZEROUPPER()
	RET()
}

// narrowAVX2 emits 12 rows × 8 columns with the argmax in the epilogue.
func narrowAVX2() {
	v := avx2
	TEXT("tile12x8AVX2", NOSPLIT, "func(rows *[12]*float32, d int, panel *float32, top *[144]byte)")
	Pragma("noescape")
	Doc("tile12x8AVX2 scores 12 rows by 8 centroids.")
	loadRows(12)
	chains8(v, 12)
	MOVQ(NewParamAddr("top", 24), reg.RAX)
	topAVX2(v, 0, 1, nil)
	topAVX2(v, 6, 1, nil)
	VZEROUPPER()
	RET()
}

// chains8 emits the chains of rows × 8 columns.
func chains8(v isa, rows int) {
	VMOVUPS(Mem{Base: reg.R14}, v.reg[0])
	ADDQ(Imm(32), reg.R14)
	chains(v, "", rows, 1,
		func(_, t int) Mem { return Mem{Base: reg.R14, Disp: 32 * t} },
		func(t int) { ADDQ(U32(32*t), reg.R14) })
}

// topAVX2 writes for each of six rows from the first on the largest of its
// scores, the lowest place where it stands, and the largest of the others.
// Scores are those in its accumulators, one or two, behind 16 that wait in
// memory unless that is nil. It works on six rows at a time, as what one row's
// steps take is latency.
func topAVX2(v isa, first, cols int, waiting func(r, c int) Mem) {
	const rows = 6
	acc := func(r, c int) reg.VecPhysical { return v.reg[cols*(first+r)+c] }
	done := fmt.Sprint("top", first)
	m, t, u, ninf := v.reg[12], v.reg[13], v.reg[14], v.reg[15]
	larger := func(x Op, y, to reg.VecPhysical) { VMAXPS(x, y, to) }
	// largest writes the largest lane of vector(r) for every row r.
	largest := func(at int, vector func(r int, to reg.VecPhysical) reg.VecPhysical) {
		singles := func(x, y, to, tmp reg.VecPhysical) {
			VUNPCKLPS(y, x, tmp)
			VUNPCKHPS(y, x, to)
			larger(tmp, to, to)
		}
		doubles := func(x, y, to, tmp reg.VecPhysical) {
			VUNPCKLPD(y, x, tmp)
			VUNPCKHPD(y, x, to)
			larger(tmp, to, to)
		}
		singles(vector(0, m), vector(1, t), m, u) // rows 0 1 0 1 in each half
		singles(vector(2, t), vector(3, u), t, ninf)
		doubles(m, t, m, u) // rows 0 1 2 3
		singles(vector(4, t), vector(5, u), t, ninf)
		doubles(t, t, t, u) // rows 4 5 4 5
		VPERM2F128(Imm(0x20), t, m, u)
		VPERM2F128(Imm(0x31), t, m, m)
		larger(u, m, m) // rows 0 1 2 3, 4 5 4 5
		VEXTRACTF128(Imm(1), m, t.AsX())
		VMOVUPS(m.AsX(), Mem{Base: reg.RAX, Disp: at + 4*first})
		VMOVLPS(t.AsX(), Mem{Base: reg.RAX, Disp: at + 4*first + 16})
	}
	largest(bestOffset, func(r int, to reg.VecPhysical) reg.VecPhysical {
		if cols == 1 {
			return acc(r, 0)
		}
		larger(acc(r, 0), acc(r, 1), to)
		if waiting != nil {
			larger(waiting(r, 0), to, to)
			larger(waiting(r, 1), to, to)
		}
		return to
	})
	VPCMPEQD(ninf, ninf, ninf)
	VPSLLD(Imm(23), ninf, ninf)
	// A bit for each place where a row's best stands, but the lowest, is left
	// in masks; R15 has those of all rows.
	masks := []reg.GPPhysical{reg.RBX, reg.RCX, reg.RDX, reg.RSI, reg.RDI, reg.R8}
	XORL(reg.R15L, reg.R15L)
	for r := range rows {
		mask := masks[r].As32()
		VBROADCASTSS(Mem{Base: reg.RAX, Disp: bestOffset + 4*(first+r)}, m)
		// find takes the best out of x and its places into to.
		find := func(x reg.VecPhysical, to reg.Register) {
			VCMPPS(Imm(0), m, x, t)
			VMOVMSKPS(t, to)
			VBLENDVPS(t, ninf, x, x)
		}
		add := func(bits reg.Register, shift int) {
			SHLL(Imm(uint64(shift)), bits)
			ORL(bits, mask)
		}
		rest := acc(r, 0)
		switch {
		case cols == 1:
			find(rest, mask)
		case waiting == nil:
			find(rest, mask)
			find(acc(r, 1), reg.R9L)
			add(reg.R9L, 8)
			larger(acc(r, 1), rest, rest)
		default:
			VMOVUPS(waiting(r, 0), u)
			find(u, mask)
			find(rest, reg.R9L)
			add(reg.R9L, 16)
			larger(u, rest, rest)
			VMOVUPS(waiting(r, 1), u)
			find(u, reg.R10L)
			add(reg.R10L, 8)
			larger(u, rest, rest)
			find(acc(r, 1), reg.R11L)
			add(reg.R11L, 24)
			larger(acc(r, 1), rest, rest)
		}
		TZCNTL(mask, reg.R9L)
		MOVL(reg.R9L, Mem{Base: reg.RAX, Disp: indexOffset + 4*(first+r)})
		BLSRL(mask, mask)
		ORL(mask, reg.R15L)
	}
	largest(secondOffset, func(r int, _ reg.VecPhysical) reg.VecPhysical { return acc(r, 0) })
	Comment("Seldom: another as large as the best is the second.")
	TESTL(reg.R15L, reg.R15L)
	JEQ(LabelRef(done))
	for r := first; r < first+rows; r++ {
		MOVL(Mem{Base: reg.RAX, Disp: secondOffset + 4*r}, reg.R10L)
		TESTL(masks[r-first].As32(), masks[r-first].As32())
		CMOVLNE(Mem{Base: reg.RAX, Disp: bestOffset + 4*r}, reg.R10L)
		MOVL(reg.R10L, Mem{Base: reg.RAX, Disp: secondOffset + 4*r})
	}
	Label(done)
}

// topAVX512 is topAVX2 for one or two registers of 16 lanes to a row.
func topAVX512(v isa, rows, cols int) {
	ninf := v.reg[31]
	VPTERNLOGD(Imm(0xff), ninf, ninf, ninf)
	VPSLLD(Imm(23), ninf, ninf)
	// fold leaves the largest lane of z in all its lanes.
	fold := func(z, tmp reg.VecPhysical) {
		VSHUFF32X4(Imm(0x4e), z, z, tmp)
		VMAXPS(tmp, z, z)
		VSHUFF32X4(Imm(0xb1), z, z, tmp)
		VMAXPS(tmp, z, z)
		VPERMILPS(Imm(0x4e), z, tmp)
		VMAXPS(tmp, z, z)
		VPERMILPS(Imm(0xb1), z, tmp)
		VMAXPS(tmp, z, z)
	}
	largest := func(r int, to reg.VecPhysical) {
		if cols == 2 {
			VMAXPS(v.reg[r*cols+1], v.reg[r*cols], to)
		} else {
			VMOVAPS(v.reg[r], to)
		}
	}
	for r := range rows {
		// Two sets of temporaries, so that neighbouring rows overlap.
		m, t := v.reg[24+3*(r&1)], v.reg[25+3*(r&1)]
		largest(r, m)
		fold(m, t)
		VMOVSS(m.AsX(), Mem{Base: reg.RAX, Disp: bestOffset + 4*r})
		VMOVD(m.AsX(), reg.R11L)
		for c := range cols {
			a := v.reg[r*cols+c]
			VCMPPS(Imm(0), m, a, reg.K1)
			KMOVW(reg.K1, []reg.GPPhysical{reg.R8L, reg.R9L}[c])
			VMOVAPS(ninf, reg.K1, a)
		}
		if cols == 2 {
			SHLL(Imm(16), reg.R9L)
			ORL(reg.R9L, reg.R8L)
		}
		TZCNTL(reg.R8L, reg.R9L)
		MOVL(reg.R9L, Mem{Base: reg.RAX, Disp: indexOffset + 4*r})
		largest(r, m)
		fold(m, t)
		VMOVD(m.AsX(), reg.R10L)
		BLSRL(reg.R8L, reg.R9L)
		CMOVLNE(reg.R11L, reg.R10L)
		MOVL(reg.R10L, Mem{Base: reg.RAX, Disp: secondOffset + 4*r})
	}
}

// products emits a tile of 8 columns that stores its accumulators.
func products(name string, rows int) {
	v := avx2
	TEXT(name, NOSPLIT, "func(rows *[12]*float32, d int, panel *float32, out *[96]float32)")
	Pragma("noescape")
	Doc(fmt.Sprintf("%s scores %d rows by 8 centroids and stores all scores.", name, rows))
	loadRows(rows)
	chains8(v, rows)
	MOVQ(NewParamAddr("out", 24), reg.RAX)
	for r := range rows {
		VMOVUPS(v.reg[r], Mem{Base: reg.RAX, Disp: 32 * r})
	}
	VZEROUPPER()
	RET()
}

// squares emits eight interleaved float64 sums of squared differences.
func squares() {
	TEXT("squaresAVX2", NOSPLIT, "func(x *float32, y *float32, n int, sums *[8]float64)")
	Pragma("noescape")
	Doc("squaresAVX2 sums the squared differences of n numbers, a positive multiple of 8.")
	MOVQ(NewParamAddr("x", 0), reg.RAX)
	MOVQ(NewParamAddr("y", 8), reg.RBX)
	MOVQ(NewParamAddr("n", 16), reg.RCX)
	MOVQ(NewParamAddr("sums", 24), reg.RDX)
	VXORPD(reg.Y0, reg.Y0, reg.Y0)
	VXORPD(reg.Y1, reg.Y1, reg.Y1)
	Label("loop")
	for h, sum := range []reg.VecPhysical{reg.Y0, reg.Y1} {
		a, b := []reg.VecPhysical{reg.Y2, reg.Y4}[h], []reg.VecPhysical{reg.Y3, reg.Y5}[h]
		VCVTPS2PD(Mem{Base: reg.RAX, Disp: 16 * h}, a)
		VCVTPS2PD(Mem{Base: reg.RBX, Disp: 16 * h}, b)
		VSUBPD(b, a, a)
		VMULPD(a, a, a)
		VADDPD(a, sum, sum)
	}
	ADDQ(Imm(32), reg.RAX)
	ADDQ(Imm(32), reg.RBX)
	SUBQ(Imm(8), reg.RCX)
	JNE(LabelRef("loop"))
	VMOVUPD(reg.Y0, Mem{Base: reg.RDX})
	VMOVUPD(reg.Y1, Mem{Base: reg.RDX, Disp: 32})
	VZEROUPPER()
	RET()
}

// accumulate emits sum += w·x in float64.
func accumulate() {
	TEXT("accumulateAVX2", NOSPLIT, "func(sum *float64, x *float32, w float64, n int)")
	Pragma("noescape")
	Doc("accumulateAVX2 adds w times n numbers, a positive multiple of 8, to as many sums.")
	MOVQ(NewParamAddr("sum", 0), reg.RAX)
	MOVQ(NewParamAddr("x", 8), reg.RBX)
	VBROADCASTSD(NewParamAddr("w", 16), reg.Y4)
	MOVQ(NewParamAddr("n", 24), reg.RCX)
	Label("loop")
	for h := range 2 {
		x := []reg.VecPhysical{reg.Y0, reg.Y1}[h]
		VCVTPS2PD(Mem{Base: reg.RBX, Disp: 16 * h}, x)
		VMULPD(reg.Y4, x, x)
		VADDPD(Mem{Base: reg.RAX, Disp: 32 * h}, x, x)
		VMOVUPD(x, Mem{Base: reg.RAX, Disp: 32 * h})
	}
	ADDQ(Imm(64), reg.RAX)
	ADDQ(Imm(32), reg.RBX)
	SUBQ(Imm(8), reg.RCX)
	JNE(LabelRef("loop"))
	VZEROUPPER()
	RET()
}

// peak emits n rounds of as many independent FMAs as acc says: the most that
// the processor can do.
func peak(name string, v isa, acc int) {
	TEXT(name, NOSPLIT, "func(n int)")
	Doc(fmt.Sprintf("%s does n rounds of %d independent FMAs of %d lanes.", name, acc, v.lanes))
	MOVQ(NewParamAddr("n", 0), reg.RAX)
	for _, r := range v.reg {
		if v.lanes == 8 {
			VXORPS(r, r, r)
		} else {
			VPXORQ(r, r, r)
		}
	}
	Label("loop")
	for r := range acc {
		VFMADD231PS(v.reg[len(v.reg)-1], v.reg[len(v.reg)-2], v.reg[r])
	}
	DECQ(reg.RAX)
	JNE(LabelRef("loop"))
	VZEROUPPER()
	RET()
}
