// SPDX-License-Identifier: Apache-2.0
// Go's server: server PORT BYTES [CERTIFICATE KEY]
package main

import (
	"net/http"
	"os"
	"strconv"
)

func main() {
	size, _ := strconv.Atoi(os.Args[2])
	body := make([]byte, size)
	http.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Length", strconv.Itoa(size))
		w.Write(body)
	})
	if len(os.Args) > 3 {
		panic(http.ListenAndServeTLS("127.0.0.1:"+os.Args[1], os.Args[3], os.Args[4], nil))
	}
	panic(http.ListenAndServe("127.0.0.1:"+os.Args[1], nil))
}
