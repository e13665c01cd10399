package simd

import (
	"fmt"
	"math"
	"math/bits"
	"math/rand/v2"
	"os"
	"strconv"
	"strings"
	"testing"
)

// A machine runs the text of kernels_amd64.s: the AVX-512 tiles are tested on
// every processor, instruction by instruction, though not their encoding, which
// is the assembler's. It knows what these functions use and nothing else.
type machine struct {
	t      *testing.T
	gp     map[string]uint64
	vec    map[string]*[16]float32
	mask   map[string]uint16
	zero   bool
	memory []region
	args   map[string]uint64
}

// A region is 32-bit words from an address on.
type region struct {
	start uint64
	words []uint32
}

func (m *machine) word(addr uint64) *uint32 {
	for _, r := range m.memory {
		if at := addr - r.start; addr >= r.start && at%4 == 0 && at/4 < uint64(len(r.words)) {
			return &r.words[at/4]
		}
	}
	m.t.Fatalf("access outside of what the kernel was given: %#x", addr)
	return nil
}

func (m *machine) reg(name string) *[16]float32 {
	n := name[1:] // X3, Y3 and Z3 are one register
	if m.vec[n] == nil {
		m.vec[n] = new([16]float32)
	}
	return m.vec[n]
}

// address is of disp(BASE) or disp(BASE)(INDEX*1).
func (m *machine) address(s string) uint64 {
	disp, rest, _ := strings.Cut(s, "(")
	base, index, indexed := strings.Cut(rest, ")(")
	addr := m.gp[strings.TrimSuffix(base, ")")]
	if indexed {
		addr += m.gp[strings.TrimSuffix(index, "*1)")]
	}
	if disp != "" {
		v, err := strconv.ParseInt(disp, 0, 64)
		if err != nil {
			m.t.Fatal(err)
		}
		addr += uint64(v)
	}
	return addr
}

func (m *machine) value(s string) uint64 {
	switch {
	case s[0] == '$':
		v, err := strconv.ParseUint(s[1:], 0, 64)
		if err != nil {
			m.t.Fatal(err)
		}
		return v
	case strings.HasSuffix(s, "(FP)"):
		name, _, _ := strings.Cut(s, "+")
		return m.args[name]
	case strings.Contains(s, "("):
		addr := m.address(s)
		return uint64(*m.word(addr)) | uint64(*m.word(addr + 4))<<32
	}
	return m.gp[s]
}

func maxps(a, b float32) float32 { // the second operand of equals, as the processor does
	if b > a {
		return b
	}
	return a
}

// run executes the function of that name.
func (m *machine) run(name string) {
	text, err := os.ReadFile("kernels_amd64.s")
	if err != nil {
		m.t.Fatal(err)
	}
	_, body, found := strings.Cut(string(text), "TEXT ·"+name+"(SB)")
	if !found {
		m.t.Fatal("no function " + name)
	}
	body, _, _ = strings.Cut(body, "\tRET\n")
	var code [][]string
	labels := map[string]int{}
	for _, line := range strings.Split(body, "\n")[1:] {
		line = strings.TrimSpace(line)
		if label, ok := strings.CutSuffix(line, ":"); ok {
			labels[label] = len(code)
		} else if line != "" && !strings.HasPrefix(line, "//") {
			op, args, _ := strings.Cut(line, " ")
			code = append(code, append([]string{op}, strings.Split(strings.ReplaceAll(args, " ", ""), ",")...))
		}
	}
	for pc := 0; pc < len(code); pc++ {
		op, a := code[pc][0], code[pc][1:]
		last := a[len(a)-1]
		set := func(v uint64) { m.gp[last], m.zero = v, v == 0 }
		switch op {
		case "MOVQ":
			m.gp[last] = m.value(a[0])
		case "ADDQ":
			set(m.gp[last] + m.value(a[0]))
		case "SHLQ":
			set(m.gp[last] << m.value(a[0]))
		case "NEGQ":
			set(-m.gp[last])
		case "TESTQ":
			m.zero = m.gp[last]&m.value(a[0]) == 0
		case "SHLL":
			set(uint64(uint32(m.gp[last] << m.value(a[0]))))
		case "ORL":
			set(uint64(uint32(m.gp[last] | m.gp[a[0]])))
		case "TZCNTL":
			m.gp[last] = uint64(bits.TrailingZeros32(uint32(m.gp[a[0]])))
		case "BLSRL":
			v := uint32(m.gp[a[0]])
			set(uint64(v & (v - 1)))
		case "CMOVLNE":
			if !m.zero {
				m.gp[last] = m.gp[a[0]]
			}
		case "JEQ", "JNE":
			if m.zero == (op == "JEQ") {
				pc = labels[a[0]] - 1
			}
		case "MOVL":
			*m.word(m.address(last)) = uint32(m.gp[a[0]])
		case "VMOVSS":
			*m.word(m.address(last)) = math.Float32bits(m.reg(a[0])[0])
		case "VMOVD":
			m.gp[last] = uint64(math.Float32bits(m.reg(a[0])[0]))
		case "KMOVW":
			m.gp[last] = uint64(m.mask[a[0]])
		case "VMOVUPS":
			addr := m.address(a[0])
			for i := range m.reg(last) {
				m.reg(last)[i] = math.Float32frombits(*m.word(addr + uint64(4*i)))
			}
		case "VBROADCASTSS":
			v := math.Float32frombits(*m.word(m.address(a[0])))
			for i := range m.reg(last) {
				m.reg(last)[i] = v
			}
		case "VMOVAPS":
			for i := range m.reg(last) {
				if len(a) == 2 || m.mask[a[1]]>>i&1 == 1 {
					m.reg(last)[i] = m.reg(a[0])[i]
				}
			}
		case "VFMADD231PS":
			for i := range m.reg(last) {
				m.reg(last)[i] = fma32(m.reg(a[0])[i], m.reg(a[1])[i], m.reg(last)[i])
			}
		case "VMAXPS":
			x, y := *m.reg(a[0]), *m.reg(a[1])
			for i := range x {
				m.reg(last)[i] = maxps(x[i], y[i])
			}
		case "VCMPPS":
			if m.value(a[0]) != 0 {
				m.t.Fatal("not a comparison for equality")
			}
			var k uint16
			for i := range 16 {
				if m.reg(a[1])[i] == m.reg(a[2])[i] {
					k |= 1 << i
				}
			}
			m.mask[last] = k
		case "VPTERNLOGD":
			for i := range m.reg(last) {
				m.reg(last)[i] = math.Float32frombits(math.MaxUint32)
			}
		case "VPSLLD":
			for i := range m.reg(last) {
				m.reg(last)[i] = math.Float32frombits(math.Float32bits(m.reg(a[1])[i]) << m.value(a[0]))
			}
		case "VPERMILPS":
			x, sel := *m.reg(a[1]), m.value(a[0])
			for i := range x {
				m.reg(last)[i] = x[i&^3+int(sel>>(2*(i&3))&3)]
			}
		case "VSHUFF32X4":
			// Quarters: two of the first source, which is written second, then
			// two of the other.
			x, y, sel := *m.reg(a[2]), *m.reg(a[1]), m.value(a[0])
			for i := range x {
				from := int(sel >> (2 * (i / 4)) & 3)
				v := x[4*from+i%4]
				if i >= 8 {
					v = y[4*from+i%4]
				}
				m.reg(last)[i] = v
			}
		case "VZEROUPPER":
		default:
			m.t.Fatalf("unknown instruction %s", op)
		}
		for _, s := range a {
			if strings.HasPrefix(s, "Y") {
				m.t.Fatalf("%s: only registers of 16 lanes are known", op)
			}
		}
	}
}

func TestAVX512TextIsGeneric(t *testing.T) {
	rng := rand.New(rand.NewPCG(7, 7))
	for _, d := range []int{1, 2, 3, 8, 17, 40} {
		for _, panels := range []int{1, 2} {
			for trial := range 6 {
				const rowsAt, panelAt, topAt, tableAt = 1 << 20, 2 << 20, 3 << 20, 4 << 20
				m := &machine{t: t, gp: map[string]uint64{}, vec: map[string]*[16]float32{}, mask: map[string]uint16{}}
				words := func(start uint64, x []float32) {
					w := make([]uint32, len(x))
					for i, v := range x {
						w[i] = math.Float32bits(v)
					}
					m.memory = append(m.memory, region{start, w})
				}
				rows := make([][]float32, MaxRows)
				table := make([]uint32, 2*MaxRows)
				for r := range rows {
					rows[r] = make([]float32, d)
					random(rows[r], rng)
					addr := uint64(rowsAt + 4096*r)
					table[2*r] = uint32(addr)
					words(addr, rows[r])
				}
				p := make([]float32, panels*PanelLen(d))
				for i := range panels {
					fillPanel(p[i*PanelLen(d):(i+1)*PanelLen(d)], Width, 1+rng.IntN(Width), rng)
				}
				if trial == 0 {
					clear(p) // nothing but ties
				}
				words(panelAt, p)
				top := make([]uint32, 36)
				m.memory = append(m.memory, region{topAt, top}, region{tableAt, table})
				m.args = map[string]uint64{"rows": tableAt, "d": uint64(d), "panel": panelAt, "top": topAt, "stride": uint64(4 * PanelLen(d))}
				m.run(fmt.Sprintf("tile12x%dAVX512", 16*panels))
				for r, x := range rows {
					var scores []float32
					for j := range Width * panels {
						q := p[j/Width*PanelLen(d):]
						v := q[j%Width]
						for t, x := range x {
							v = fma32(x, q[Width*(t+1)+j%Width], v)
						}
						scores = append(scores, v)
					}
					b, at, s := topOf(scores)
					gotBest, gotAt, gotSecond := math.Float32frombits(top[r]), int32(top[12+r]), math.Float32frombits(top[24+r])
					if gotBest != b || gotAt != at || gotSecond != s {
						t.Fatalf("d=%d, %d panels, row %d: %v at %d, then %v; want %v at %d, then %v", d, panels, r, gotBest, gotAt, gotSecond, b, at, s)
					}
				}
			}
		}
	}
}
