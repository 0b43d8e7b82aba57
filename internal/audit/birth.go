package audit

import (
	"sync"

	"go.temporal.io/sdk/interceptor"
	"go.temporal.io/sdk/workflow"

	"harkara/internal/label"
	"harkara/workflows"
)

// Births sees what the files' workflows begin with that workers of this process run: it is
// to be among their interceptors. So each that is made again is looked at, for nothing,
// where it came out at the other end of the engine. The zero value is ready.
type Births struct {
	interceptor.WorkerInterceptorBase

	mu       sync.Mutex
	expected map[label.Code]chan<- workflows.Start
}

// expect returns where a file's next birth is told of.
func (b *Births) expect(code label.Code) <-chan workflows.Start {
	born := make(chan workflows.Start, 1)
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.expected == nil {
		b.expected = map[label.Code]chan<- workflows.Start{}
	}
	b.expected[code] = born
	return born
}

// forget ends an expectation.
func (b *Births) forget(code label.Code) {
	b.mu.Lock()
	defer b.mu.Unlock()
	delete(b.expected, code)
}

func (b *Births) tell(s workflows.Start) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if born := b.expected[s.State.File]; born != nil {
		delete(b.expected, s.State.File)
		born <- s
	}
}

// InterceptWorkflow implements interceptor.WorkerInterceptor.
func (b *Births) InterceptWorkflow(ctx workflow.Context, next interceptor.WorkflowInboundInterceptor) interceptor.WorkflowInboundInterceptor {
	return &midwife{interceptor.WorkflowInboundInterceptorBase{Next: next}, b}
}

type midwife struct {
	interceptor.WorkflowInboundInterceptorBase
	births *Births
}

func (m *midwife) ExecuteWorkflow(ctx workflow.Context, in *interceptor.ExecuteWorkflowInput) (any, error) {
	if len(in.Args) == 1 {
		if s, ok := in.Args[0].(workflows.Start); ok {
			m.births.tell(s)
		}
	}
	return m.Next.ExecuteWorkflow(ctx, in)
}
