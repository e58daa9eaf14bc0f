// SPDX-License-Identifier: Apache-2.0
// Requests a second of Go's client: client URL CONNECTIONS WARM-UP MEASURED, both in seconds.
package main

import (
	"crypto/tls"
	"fmt"
	"io"
	"net/http"
	"os"
	"strconv"
	"sync/atomic"
	"time"
)

func main() {
	connections, _ := strconv.Atoi(os.Args[2])
	warmUp, _ := strconv.Atoi(os.Args[3])
	measured, _ := strconv.Atoi(os.Args[4])
	client := &http.Client{Transport: &http.Transport{
		MaxIdleConnsPerHost: connections,
		MaxConnsPerHost:     connections,
		TLSClientConfig:     &tls.Config{InsecureSkipVerify: true},
	}}
	var answers int64
	for i := 0; i < connections; i++ {
		go func() {
			for {
				response, err := client.Get(os.Args[1])
				if err != nil {
					continue
				}
				io.Copy(io.Discard, response.Body)
				response.Body.Close()
				atomic.AddInt64(&answers, 1)
			}
		}()
	}
	time.Sleep(time.Duration(warmUp) * time.Second)
	before := atomic.LoadInt64(&answers)
	time.Sleep(time.Duration(measured) * time.Second)
	fmt.Println((atomic.LoadInt64(&answers) - before) / int64(measured))
}
