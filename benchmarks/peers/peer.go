// SPDX-License-Identifier: Apache-2.0
// What goroutines on one processor take for the work of the report: peer core | growth SIZE... | memory | hello
// Prints lines of a name and a value: nanoseconds an operation, or bytes.
package main

import (
	"context"
	"fmt"
	"os"
	"runtime"
	"runtime/debug"
	"strconv"
	"strings"
	"sync"
	"time"
)

const (
	n      = 100_000
	rounds = 3
	parked = 200_000
)

func giveUpTurns(count int) {
	for i := 0; i < count; i++ {
		runtime.Gosched()
	}
}

func yieldOfTwo() {
	done := make(chan struct{})
	go func() { giveUpTurns(n / 2); close(done) }()
	giveUpTurns(n / 2)
	<-done
}

func createAndAwait() {
	for i := 0; i < n; i++ {
		result := make(chan int, 1)
		go func() { result <- 1 }()
		<-result
	}
}

func futurePingPong() {
	ping, pong := make(chan struct{}), make(chan struct{})
	go func() {
		for i := 0; i < n/2; i++ {
			<-ping
			pong <- struct{}{}
		}
	}()
	for i := 0; i < n/2; i++ {
		ping <- struct{}{}
		<-pong
	}
}

func queueOfOne() {
	queue := make(chan int, 1)
	go func() {
		for i := 0; i < n; i++ {
			queue <- i
		}
	}()
	for i := 0; i < n; i++ {
		<-queue
	}
}

func contendedLock() {
	var lock sync.Mutex
	var group sync.WaitGroup
	for i := 0; i < 4; i++ {
		group.Add(1)
		go func() {
			defer group.Done()
			for i := 0; i < n/4; i++ {
				lock.Lock()
				runtime.Gosched()
				lock.Unlock()
			}
		}()
	}
	group.Wait()
}

func groupOfTen() {
	for i := 0; i < n/10; i++ {
		var group sync.WaitGroup
		group.Add(10)
		for j := 0; j < 10; j++ {
			go func() { runtime.Gosched(); group.Done() }()
		}
		group.Wait()
	}
}

func timeoutAroundYield() {
	for i := 0; i < n; i++ {
		_, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		runtime.Gosched()
		cancel()
	}
}

func cancelSleeping() {
	everything, cancel := context.WithCancel(context.Background())
	var group sync.WaitGroup
	group.Add(n)
	for i := 0; i < n; i++ {
		go func() {
			defer group.Done()
			timer := time.NewTimer(1000 * time.Second)
			defer timer.Stop()
			select {
			case <-timer.C:
			case <-everything.Done():
			}
		}()
	}
	runtime.Gosched()
	cancel()
	group.Wait()
}

func manyAlive(count int) {
	var group sync.WaitGroup
	group.Add(count)
	for i := 0; i < count; i++ {
		go func() { runtime.Gosched(); group.Done() }()
	}
	group.Wait()
}

func nanoseconds(work func()) float64 {
	runtime.GC()
	began := time.Now()
	work()
	return float64(time.Since(began).Nanoseconds())
}

func core() {
	rows := []struct {
		name       string
		operations float64
		work       func()
	}{
		{"yieldAlone", n, func() { giveUpTurns(n) }},
		{"yieldOfTwo", n, yieldOfTwo},
		{"createAndAwait", n, createAndAwait},
		{"futurePingPong", n, futurePingPong},
		{"queueOfOne", n, queueOfOne},
		{"contendedLock", n, contendedLock},
		{"groupOfTen", n / 10, groupOfTen},
		{"timeoutAroundYield", n, timeoutAroundYield},
		{"cancelSleeping", n, cancelSleeping},
		{"manyAlive", n, func() { manyAlive(n) }},
	}
	for _, row := range rows {
		best := nanoseconds(row.work)
		for i := 1; i < rounds; i++ {
			if took := nanoseconds(row.work); took < best {
				best = took
			}
		}
		fmt.Println(row.name, best/row.operations)
	}
}

func growth(sizes []string) {
	for _, argument := range sizes {
		size, err := strconv.Atoi(argument)
		if err != nil {
			panic(err)
		}
		best := nanoseconds(func() { manyAlive(size) })
		for until := time.Now().Add(time.Second); time.Now().Before(until); {
			if took := nanoseconds(func() { manyAlive(size) }); took < best {
				best = took
			}
		}
		fmt.Println(size, best/float64(size))
	}
}

func resident() float64 {
	debug.FreeOSMemory()
	statm, err := os.ReadFile("/proc/self/statm")
	if err != nil {
		panic(err)
	}
	pages, err := strconv.Atoi(strings.Fields(string(statm))[1])
	if err != nil {
		panic(err)
	}
	return float64(pages * os.Getpagesize())
}

func memory() {
	never := make(chan struct{})
	before := resident()
	for i := 0; i < parked; i++ {
		go func() { <-never }()
	}
	runtime.Gosched()
	time.Sleep(100 * time.Millisecond)
	fmt.Println("parkedTask", (resident()-before)/parked)
	before = resident()
	for i := 0; i < parked; i++ {
		go time.Sleep(time.Hour + time.Duration(i))
	}
	time.Sleep(100 * time.Millisecond)
	fmt.Println("sleepingTask", (resident()-before)/parked)
	before = resident()
	timers := make([]*time.Timer, parked)
	for i := range timers {
		timers[i] = time.AfterFunc(time.Hour+time.Duration(i), func() {})
	}
	fmt.Println("timer", (resident()-before)/parked)
	runtime.KeepAlive(timers)
}

func main() {
	runtime.GOMAXPROCS(1)
	switch os.Args[1] {
	case "core":
		core()
	case "growth":
		growth(os.Args[2:])
	case "memory":
		memory()
	default:
		fmt.Println("hello")
	}
}
